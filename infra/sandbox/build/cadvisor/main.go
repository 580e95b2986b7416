// cAdvisor from its own library: containers of a Docker host, their figures for Prometheus. Its command is a module that no
// registry has; this stands for it, with the library's own flags and the paths that this project uses.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/google/cadvisor/cache/memory"
	"github.com/google/cadvisor/container"
	_ "github.com/google/cadvisor/container/docker/install"
	v2 "github.com/google/cadvisor/info/v2"
	"github.com/google/cadvisor/manager"
	"github.com/google/cadvisor/metrics"
	"github.com/google/cadvisor/utils/sysfs"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"k8s.io/utils/clock"
)

// How long figures are kept in memory, and the figures that are read.
const kept = 2 * time.Minute

var read = container.MetricSet{
	container.CpuUsageMetrics:     struct{}{},
	container.MemoryUsageMetrics:  struct{}{},
	container.NetworkUsageMetrics: struct{}{},
	container.DiskIOMetrics:       struct{}{},
}

func main() {
	port := flag.Int("port", 8080, "where it answers")
	_ = flag.Bool("logtostderr", true, "this build always does")
	flag.Parse()
	if err := serve(*port); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(port int) error {
	client := http.Client{}
	watched, err := manager.New(
		memory.New(kept, nil), sysfs.NewRealSysFs(), manager.HousekeepingConfigFlags, read, &client, []string{"/docker"}, nil, "", 0,
	)
	if err != nil {
		return err
	}
	if err := watched.Start(); err != nil {
		return err
	}
	registry := prometheus.NewRegistry()
	options := v2.RequestOptions{IdType: v2.TypeName, Count: 1, Recursive: true}
	registry.MustRegister(
		metrics.NewPrometheusCollector(watched, metrics.DefaultContainerLabels, read, clock.RealClock{}, options),
		metrics.NewPrometheusMachineCollector(watched, read),
	)
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
	http.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return http.ListenAndServe(fmt.Sprintf(":%d", port), nil)
}
