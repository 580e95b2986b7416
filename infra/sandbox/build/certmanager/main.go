// Package main holds the four programs of cert-manager in one binary, chosen by the name it is called by. Their commands
// are modules that no registry has, so they are put together here from the libraries. As the public ones do, the first
// three read a configuration file; of the flags that could say the same, only that file's name is understood.
//
// The module's path lies below cert-manager's own, because that is where the compiler lets its internal packages be used.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	exit "github.com/cert-manager/cert-manager/internal/cmd/util"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/util/configfile"
	utilfeature "github.com/cert-manager/cert-manager/pkg/util/feature"
	"k8s.io/apimachinery/pkg/util/validation/field"
	logsapi "k8s.io/component-base/logs/api/v1"
	ctrl "sigs.k8s.io/controller-runtime"
)

var programs = map[string]func(context.Context, []string) error{
	"controller": controllerMain,
	"webhook":    webhookMain,
	"cainjector": cainjectorMain,
	"acmesolver": solverMain,
}

func main() {
	name := filepath.Base(os.Args[0])
	run, known := programs[name]
	if !known {
		fmt.Fprintf(os.Stderr, "%s is no program of this binary\n", name)
		os.Exit(2)
	}
	ctx, leave := exit.SetupExitHandler(context.Background(), exit.GracefulShutdown)
	defer leave()
	logf.InitLogs()
	defer logf.FlushLogs()
	ctrl.SetLogger(logf.Log)
	ctx = logf.NewContext(ctx, logf.Log, name)
	if err := run(ctx, os.Args[1:]); err != nil {
		logf.Log.Error(err, "the program ends")
		exit.SetExitCode(err)
	}
}

// The file that --config names, decoded strictly and with cert-manager's own defaults.
func loaded(name string, args []string, into configfile.ConfigFile) error {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	path := flags.String("config", "", "path of the configuration file")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *path == "" || flags.NArg() > 0 {
		return fmt.Errorf("%s: found %q; wanted --config=FILE and nothing else", name, args)
	}
	absolute, err := filepath.Abs(*path)
	if err != nil {
		return err
	}
	loader, err := configfile.NewConfigurationFSLoader(nil, absolute)
	if err != nil {
		return err
	}
	return loader.Load(into)
}

// What all three do with their configuration before they start.
func applied(features map[string]bool, logging *logsapi.LoggingConfiguration, wrong field.ErrorList) error {
	if len(wrong) > 0 {
		return wrong.ToAggregate()
	}
	if err := utilfeature.DefaultMutableFeatureGate.SetFromMap(features); err != nil {
		return err
	}
	return logf.ValidateAndApply(logging)
}
