package main

import (
	"context"
	"errors"
	"flag"
	"net/http"
	"time"

	"github.com/cert-manager/cert-manager/pkg/issuer/acme/http/solver"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
)

// Answers one challenge until its pod is deleted.
func solverMain(ctx context.Context, args []string) error {
	answer := &solver.HTTP01Solver{}
	flags := flag.NewFlagSet("acmesolver", flag.ContinueOnError)
	flags.IntVar(&answer.ListenPort, "listen-port", 8089, "port to listen on")
	flags.StringVar(&answer.Domain, "domain", "", "name that is being proven")
	flags.StringVar(&answer.Token, "token", "", "token of the challenge")
	flags.StringVar(&answer.Key, "key", "", "what to answer")
	if err := flags.Parse(args); err != nil {
		return err
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		stopped <- answer.Shutdown(grace)
	}()
	if err := answer.Listen(logf.FromContext(ctx)); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
