package config_test

import (
	"testing"

	"github.com/storeteams/storeteams/handler/internal/config"
)

const (
	emulator  = "Endpoint=sb://127.0.0.1:5672;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true;"
	namespace = "Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=a;SharedAccessKey=b=="
)

func TestTasksNeedAQueueAndASchedule(t *testing.T) {
	t.Parallel()
	on := fewest().with("TASK_MODE", "sync", "TASK_SWEEP_SCHEDULE", "0 * * * * *", "ServiceBus", emulator)
	if c := accepted(t, on); c.Tasks.Mode != config.TasksSync || c.Tasks.Bus.Connection.Reveal() != emulator {
		t.Errorf("%+v", c.Tasks)
	}
	accepted(t, on.with("ServiceBus", namespace))
	accepted(t, on.with("ServiceBus", "", "ServiceBus__fullyQualifiedNamespace", "contoso.servicebus.windows.net"))
	for name, wrong := range map[string]struct {
		given env
		about string
	}{
		"no queue":              {on.with("ServiceBus", ""), "ServiceBus__fullyQualifiedNamespace"},
		"two queues":            {on.with("ServiceBus__fullyQualifiedNamespace", "a.b"), "ServiceBus__fullyQualifiedNamespace"},
		"no schedule":           {on.with("TASK_SWEEP_SCHEDULE", ""), "TASK_SWEEP_SCHEDULE"},
		"inserts into nothing":  {on.with("TASK_INSERTS", "yes"), "TASK_INSERTS"},
		"deletes in nothing":    {on.with("TASK_DELETES", "yes"), "TASK_DELETES"},
		"an emulator elsewhere": {on.with("ServiceBus", "Endpoint=sb://contoso.net;SharedAccessKeyName=a;SharedAccessKey=b;UseDevelopmentEmulator=true"), "ServiceBus"},
		"no key":                {on.with("ServiceBus", "Endpoint=sb://contoso.net;SharedAccessKeyName=a"), "ServiceBus"},
		"no connection string":  {on.with("ServiceBus", "contoso"), "ServiceBus"},
		"an address":            {on.with("ServiceBus", "", "ServiceBus__fullyQualifiedNamespace", "https://contoso.net"), "ServiceBus__fullyQualifiedNamespace"},
		"a path of an entity":   {on.with("TASK_WRITE", "a/b"), "TASK_WRITE"},
	} {
		if got := mistakes(t, wrong.given); len(got) != 1 || got[0].Setting != wrong.about {
			t.Errorf("%s: %v, want one mistake about %s", name, got, wrong.about)
		}
	}
}
