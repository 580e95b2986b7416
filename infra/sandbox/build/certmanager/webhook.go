package main

import (
	"context"

	"github.com/cert-manager/cert-manager/internal/apis/config/webhook/validation"
	cmwebhook "github.com/cert-manager/cert-manager/internal/webhook"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/webhook/configfile"
)

func webhookMain(ctx context.Context, args []string) error {
	file := configfile.New()
	if err := loaded("webhook", args, file); err != nil {
		return err
	}
	config := file.Config
	if err := applied(config.FeatureGates, &config.Logging, validation.ValidateWebhookConfiguration(config, nil)); err != nil {
		return err
	}
	server, err := cmwebhook.NewCertManagerWebhookServer(logf.FromContext(ctx), *config)
	if err != nil {
		return err
	}
	return server.Run(ctx)
}
