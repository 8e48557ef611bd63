package doctor

import (
	"github.com/storeteams/storeteams/handler/internal/config"
	"github.com/storeteams/storeteams/handler/internal/fault"
)

// onServiceBus judges the queue of hints about tasks.
func (s *signs) onServiceBus() []Finding {
	const subject = "task-hints"
	if s.settings.Tasks.Mode == config.TasksOff {
		return []Finding{fine("TASK_MODE", "TASK_MODE=off uses no queue; set AzureWebJobs.TaskChanged.Disabled=true, or the host looks for one")}
	}
	switch fault.KindOf(s.queueErr) {
	case fault.NotFound:
		return []Finding{wrong(subject, "the queue is not there", "create the queue task-hints with sessions and duplicate detection, as the app's template does")}
	case fault.Denied:
		return []Finding{wrong(subject, "the app may not send and receive",
			"give the app's identity the roles Azure Service Bus Data Sender and Azure Service Bus Data Receiver on the namespace")}
	case fault.Invalid:
		return []Finding{wrong(subject, "the queue has no sessions", "create it anew with sessions: they cannot be switched on later")}
	}
	if s.queueErr != nil {
		return []Finding{wrong(subject, "the queue cannot be reached: "+fault.KindOf(s.queueErr).String(), "check ServiceBus, or ServiceBus__fullyQualifiedNamespace, and the way there: port 5671")}
	}
	return []Finding{fine(subject, "hints can be sent, and dead letters looked at")}
}

// onTasks judges what TASK_MODE and the settings about Commerce's tasks promise.
func (s *signs) onTasks() []Finding {
	t := s.settings.Tasks
	switch {
	case t.Mode == config.TasksSync && t.Write == "":
		return []Finding{wrong("TASK_WRITE", "TASK_MODE=sync, and nothing says what tasks are written to: what people do in Teams never reaches Commerce",
			"publish the data entity of task instances with the keys Process_ProcessId and TaskId and name it in TASK_WRITE, or set TASK_MODE=planner if Commerce's own integration is on")}
	case t.Mode == config.TasksSync && t.Write != t.Read:
		return []Finding{note("TASK_READ", "tasks are read from another collection than they are written to, so that each write is two calls",
			"name the collection of TASK_WRITE in TASK_READ too, if it can be read")}
	case t.Mode != config.TasksOff && t.Write == "":
		return []Finding{fine("TASK_MODE", "TASK_MODE=planner writes nothing to Commerce")}
	}
	return nil
}
