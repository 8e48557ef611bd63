package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"

	"github.com/storeteams/storeteams/handler/local/environment"
)

// eventTime is how long an event may take to be on the queue.
const eventTime = 10 * time.Second

// event has Commerce say that something about a worker changed, as a business
// event that an administrator has activated would.
func event(flags *flag.FlagSet) action {
	worker := workerFlag(flags)
	bus := flags.String("bus", "127.0.0.1:7083", "`address` of the Service Bus stand-in")
	return func(ctx context.Context, _ place) (string, error) {
		return fmt.Sprintf("Commerce: something about worker %s changed.", *worker), raise(ctx, *bus, *worker)
	}
}

func raise(ctx context.Context, bus, worker string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, eventTime)
	defer cancel()
	client, err := azservicebus.NewClientFromConnectionString(
		"Endpoint=sb://"+bus+";SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true", nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close(ctx)) }()
	sender, err := client.NewSender(environment.EventQueue, nil)
	if err != nil {
		return err
	}
	body := fmt.Appendf(nil, `{"BusinessEventId":"WorkerChangedBusinessEvent","BusinessEventLegalEntity":"USRT","EventId":%q,"EventTime":"/Date(%d)/","PersonnelNumber":%q}`,
		rand.Text(), time.Now().UnixMilli(), worker)
	return sender.SendMessage(ctx, &azservicebus.Message{Body: body}, nil)
}
