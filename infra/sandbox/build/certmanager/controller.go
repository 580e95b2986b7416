package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"time"

	config "github.com/cert-manager/cert-manager/internal/apis/config/controller"
	defaults "github.com/cert-manager/cert-manager/internal/apis/config/controller/v1alpha1"
	"github.com/cert-manager/cert-manager/internal/apis/config/controller/validation"
	"github.com/cert-manager/cert-manager/pkg/controller"
	"github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	"github.com/cert-manager/cert-manager/pkg/controller/configfile"
	"github.com/cert-manager/cert-manager/pkg/healthz"
	dnsutil "github.com/cert-manager/cert-manager/pkg/issuer/acme/dns/util"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	_ "github.com/cert-manager/cert-manager/pkg/controller/acmechallenges"
	_ "github.com/cert-manager/cert-manager/pkg/controller/acmeorders"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	_ "github.com/cert-manager/cert-manager/pkg/controller/issuers"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/acme"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/vault"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/venafi"
)

func controllerMain(ctx context.Context, args []string) error {
	file := configfile.New()
	if err := loaded("controller", args, file); err != nil {
		return err
	}
	config := file.Config
	if err := applied(config.FeatureGates, &config.Logging, validation.ValidateControllerConfiguration(config, nil)); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	options, err := optionsOf(config)
	if err != nil {
		return err
	}
	factory, err := controller.NewContextFactory(ctx, options)
	if err != nil {
		return err
	}
	base, err := factory.Build()
	if err != nil {
		return err
	}
	enabled := enabledIn(config)

	informers := base.SharedInformerFactory
	base.Metrics.SetupACMECollector(informers.Acme().V1().Challenges().Lister())
	base.Metrics.SetupCertificateCollector(informers.Certmanager().V1().Certificates().Lister())
	base.Metrics.SetupIssuerCollector(informers.Certmanager().V1().Issuers().Lister())
	if enabled.Has(clusterissuers.ControllerName) {
		base.Metrics.SetupClusterIssuerCollector(informers.Certmanager().V1().ClusterIssuers().Lister())
	}
	listen := net.ListenConfig{}
	metrics, err := listen.Listen(ctx, "tcp", config.MetricsListenAddress)
	if err != nil {
		return err
	}
	metricsServer := base.Metrics.NewServer(metrics)
	group.Go(func() error {
		if err := metricsServer.Serve(metrics); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return metricsServer.Shutdown(grace)
	})
	health, err := listen.Listen(ctx, "tcp", config.HealthzListenAddress)
	if err != nil {
		return err
	}
	healthServer := healthz.NewServer(config.LeaderElectionConfig.HealthzTimeout)
	group.Go(func() error { return healthServer.Start(ctx, health) })

	elected := make(chan struct{})
	if config.LeaderElectionConfig.Enabled {
		group.Go(func() error { return lead(ctx, config, factory, healthServer, elected) })
	} else {
		close(elected)
	}
	select {
	case <-ctx.Done():
		return group.Wait()
	case <-elected:
	}

	for name, construct := range controller.Known() {
		if !enabled.Has(name) {
			continue
		}
		one, err := construct(factory)
		if err != nil {
			return err
		}
		group.Go(func() error { return one.Run(config.NumberOfConcurrentWorkers, ctx) })
	}
	informers.Start(ctx.Done())
	base.KubeSharedInformerFactory.Start(ctx.Done())
	base.HTTP01ResourceMetadataInformersFactory.Start(ctx.Done())
	return group.Wait()
}

// Works until the lease is lost; then the program ends, and its pod starts again as one that waits.
func lead(ctx context.Context, config *config.ControllerConfiguration, factory *controller.ContextFactory, health *healthz.Server, elected chan<- struct{}) error {
	own, err := factory.Build("leader-election")
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	election := config.LeaderElectionConfig
	lock, err := resourcelock.New(resourcelock.LeasesResourceLock, election.Namespace, "cert-manager-controller",
		own.Client.CoreV1(), own.Client.CoordinationV1(), resourcelock.ResourceLockConfig{Identity: host, EventRecorder: own.Recorder})
	if err != nil {
		return err
	}
	lost := false
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock:            lock,
		LeaseDuration:   election.LeaseDuration,
		RenewDeadline:   election.RenewDeadline,
		RetryPeriod:     election.RetryPeriod,
		ReleaseOnCancel: true,
		WatchDog:        health.LeaderHealthzAdaptor,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { close(elected) },
			OnStoppedLeading: func() { lost = ctx.Err() == nil },
		},
	})
	if err != nil {
		return err
	}
	elector.Run(ctx)
	if lost {
		return errors.New("the lease is lost")
	}
	return nil
}

// The controllers that the configuration names; in one namespace none that works on the whole cluster.
func enabledIn(config *config.ControllerConfiguration) sets.Set[string] {
	enabled := sets.New[string]()
	var disabled []string
	for _, name := range config.Controllers {
		switch {
		case name == "*":
			enabled.Insert(defaults.DefaultEnabledControllers...)
		case name[0] == '-':
			disabled = append(disabled, name[1:])
		default:
			enabled.Insert(name)
		}
	}
	if config.Namespace != "" {
		enabled.Delete(defaults.ClusterScopedControllers...)
	}
	logf.Log.Info("controllers", "enabled", sets.List(enabled.Delete(disabled...)))
	return enabled
}

func optionsOf(config *config.ControllerConfiguration) (controller.ContextOptions, error) {
	solver, dns := config.ACMEHTTP01Config, config.ACMEDNS01Config
	quantities := make([]resource.Quantity, 4)
	for index, text := range []string{
		solver.SolverResourceRequestCPU, solver.SolverResourceRequestMemory,
		solver.SolverResourceLimitsCPU, solver.SolverResourceLimitsMemory,
	} {
		quantity, err := resource.ParseQuantity(text)
		if err != nil {
			return controller.ContextOptions{}, err
		}
		quantities[index] = quantity
	}
	nameservers := dns.RecursiveNameservers
	if len(nameservers) == 0 {
		nameservers = dnsutil.RecursiveNameservers
	}
	return controller.ContextOptions{
		Kubeconfig:         config.KubeConfig,
		KubernetesAPIQPS:   config.KubernetesAPIQPS,
		KubernetesAPIBurst: config.KubernetesAPIBurst,
		APIServerHost:      config.APIServerHost,
		Namespace:          config.Namespace,
		ACMEOptions: controller.ACMEOptions{
			HTTP01SolverResourceRequestCPU:    quantities[0],
			HTTP01SolverResourceRequestMemory: quantities[1],
			HTTP01SolverResourceLimitsCPU:     quantities[2],
			HTTP01SolverResourceLimitsMemory:  quantities[3],
			ACMEHTTP01SolverRunAsNonRoot:      solver.SolverRunAsNonRoot,
			HTTP01SolverImage:                 solver.SolverImage,
			HTTP01SolverNameservers:           solver.SolverNameservers,
			HTTP01SolverExtraLabels:           solver.SolverExtraLabels,
			HTTP01SolverRuntimeClassName:      solver.SolverRuntimeClassName,
			DNS01Nameservers:                  nameservers,
			DNS01CheckRetryPeriod:             dns.CheckRetryPeriod,
			DNS01CheckAuthoritative:           !dns.RecursiveNameserversOnly,
		},
		SchedulerOptions: controller.SchedulerOptions{MaxConcurrentChallenges: config.MaxConcurrentChallenges},
		IssuerOptions: controller.IssuerOptions{
			ClusterIssuerAmbientCredentials: config.ClusterIssuerAmbientCredentials,
			IssuerAmbientCredentials:        config.IssuerAmbientCredentials,
			ClusterResourceNamespace:        config.ClusterResourceNamespace,
		},
		CertificateOptions: controller.CertificateOptions{
			EnableOwnerRef:                           config.EnableCertificateOwnerRef,
			CopiedAnnotationPrefixes:                 config.CopiedAnnotationPrefixes,
			CertificateRequestMinimumBackoffDuration: config.CertificateRequestMinimumBackoffDuration,
			CertificateRequestMaximumBackoffDuration: config.CertificateRequestMaximumBackoffDuration,
		},
	}, nil
}
