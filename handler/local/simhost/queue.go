package simhost

import (
	"errors"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// queue is what a function with a serviceBusTrigger listens to, and how.
type queue struct {
	name       string
	connection string // connection string; it holds a key and must not be logged
	sessions   bool
	complete   bool // a success completes its message
}

// queueOf makes the queue of a binding.
func queueOf(trigger binding, all []binding, host hostFile, env environment) (*queue, error) {
	switch {
	case len(all) > 1:
		return nil, errors.New("bindings beside a serviceBusTrigger are not simulated")
	case trigger.TopicName != "" || trigger.SubscriptionName != "":
		return nil, errors.New("a serviceBusTrigger on a topic is not simulated")
	case trigger.QueueName == "":
		return nil, errors.New("queueName is required")
	case trigger.Cardinality != "" && !strings.EqualFold(trigger.Cardinality, "one"):
		return nil, fmt.Errorf("cardinality %s is not simulated", trigger.Cardinality)
	case !strings.EqualFold(trigger.DataType, "binary"):
		// A string would have to be searched for JSON properties, which the
		// host copies over the message's own metadata.
		return nil, fmt.Errorf("dataType %q is not simulated, only binary", trigger.DataType)
	}
	connection, err := env.busConnection(trigger.Connection)
	if err != nil {
		return nil, err
	}
	q := &queue{
		name: trigger.QueueName, connection: connection,
		sessions: trigger.IsSessionsEnabled, complete: host.bus.autoComplete,
	}
	if trigger.AutoCompleteMessages != nil {
		q.complete = *trigger.AutoCompleteMessages
	}
	return q, nil
}

// busConnection finds the connection string of a binding's connection, which is
// the prefix of its settings. As in the host a setting with AzureWebJobs in
// front wins, and a binding that names none means AzureWebJobsServiceBus.
func (e environment) busConnection(prefix string) (string, error) {
	if prefix == "" {
		prefix = "ServiceBus"
	}
	const identity = "__fullyQualifiedNamespace"
	for _, name := range []string{"AzureWebJobs" + prefix, prefix} {
		switch {
		case e[name] != "":
			// Building a client reads the text, and connects to nothing.
			if _, err := azservicebus.NewClientFromConnectionString(e[name], nil); err != nil {
				return "", fmt.Errorf("connection: the setting %s is no connection string of Service Bus: %w", name, err)
			}
			return e[name], nil
		case e[name+identity] != "":
			return "", fmt.Errorf("connection: %s is set, but an identity is not simulated; set %s to a connection string", name+identity, name)
		}
	}
	return "", fmt.Errorf("connection: the setting %s is missing", prefix)
}
