# Each verb is one command, run with the Node and the modules that bootstrap.sh finds or fetches. See README.md.
RUN = @PATH=$$(sh infra/sandbox/bootstrap.sh) && export PATH && exec node
CLI = $(RUN) infra/sandbox/cli.ts
# Settings of a verb are said on the command line, and only there: make preview STACK=local EXPECT=no-changes. Each verb gets
# all that are said, and refuses what it does not know; what the environment may hold as well, make hands on by itself.
ENVIRONMENT = PLATFORM_% PULUMI_% TIMESCALEDB_ARCHIVE KUBECONFIG DOCKER_HOST
SAID = $(sort $(foreach word,$(MAKEOVERRIDES),$(if $(findstring =,$(word)),$(firstword $(subst =, ,$(word))))))
ARGS = $(foreach name,$(filter-out $(ENVIRONMENT),$(SAID)),$(if $(findstring command line,$(origin $(name))),$(name)="$($(name))"))

.PHONY: up verify down test check env preview render outputs bench image pin status report rollback

up down env status verify preview render outputs image pin report rollback:
	$(CLI) $@ $(ARGS)

test check:
	$(RUN) test/run.ts $@

bench: export PLATFORM_CAMPAIGN = whole
bench:
	$(RUN) test/bench/startup.ts
	$(RUN) test/bench/verdicts.ts
	$(RUN) test/bench/failover.ts
	$(RUN) test/bench/release-kills.ts
	$(RUN) test/bench/release-sequences.ts
	$(RUN) test/run.ts only test/defects/defects.test.ts
