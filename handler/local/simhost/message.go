package simhost

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// messageValue is what a call for a message carries: the body as base64, and
// the metadata of ServiceBusTriggerBindingStrategy, encoded as the host does it
// for custom handlers (ScriptInvocationContextExtensions): a scalar as the text
// of its JSON, a time cut to whole seconds, a map as it is, nothing for what is
// not set.
func messageValue(m *azservicebus.ReceivedMessage) value {
	properties := applicationProperties(m.ApplicationProperties)
	metadata := map[string]any{
		"DeliveryCount":         strconv.FormatUint(uint64(max(1, m.DeliveryCount)), 10),
		"LockToken":             jsonText(guid(m.LockToken)),
		"ApplicationProperties": properties,
		"UserProperties":        properties, // the older name
	}
	if m.SequenceNumber != nil {
		metadata["SequenceNumber"] = strconv.FormatInt(*m.SequenceNumber, 10)
	}
	if m.EnqueuedTime != nil {
		addTime(metadata, "EnqueuedTime", *m.EnqueuedTime)
		addTime(metadata, "ExpiresAt", expiry(*m.EnqueuedTime, m.TimeToLive))
	}
	if m.MessageID != "" {
		metadata["MessageId"] = jsonText(m.MessageID)
	}
	for name, text := range map[string]*string{
		"ContentType": m.ContentType, "CorrelationId": m.CorrelationID, "DeadLetterSource": m.DeadLetterSource,
		"Label": m.Subject, "PartitionKey": m.PartitionKey, "ReplyTo": m.ReplyTo, "ReplyToSessionId": m.ReplyToSessionID,
		"SessionId": m.SessionID, "Subject": m.Subject, "To": m.To,
	} {
		if text != nil {
			metadata[name] = jsonText(*text)
		}
	}
	body := m.Body
	if body == nil {
		body = []byte{} // nil would be null
	}
	return value{data: body, metadata: metadata}
}

// jsonText is the text of a string's JSON.
func jsonText(text string) string {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false) // .NET does not
	_ = encoder.Encode(text)     // a string always has a JSON, and a buffer takes all
	return strings.TrimSuffix(buffer.String(), "\n")
}

// addTime adds a DateTimeOffset and its twin, the DateTime without a zone.
func addTime(metadata map[string]any, name string, at time.Time) {
	const seconds = "2006-01-02T15:04:05"
	metadata[name] = at.UTC().Format(seconds + "-07:00")
	metadata[name+"Utc"] = at.UTC().Format(seconds)
}

// expiry is when a message ends. The SDK gives zero for a message that lives
// for ever, which to .NET is the last moment there is.
func expiry(enqueued time.Time, life *time.Duration) time.Time {
	last := time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	if life == nil || *life == 0 {
		return last
	}
	if end := enqueued.Add(*life); end.Before(last) {
		return end
	}
	return last
}

// applicationProperties are the values as .NET writes them where Go would
// write them otherwise, or not at all.
func applicationProperties(properties map[string]any) map[string]any {
	written := make(map[string]any, len(properties))
	for name, v := range properties {
		written[name] = applicationProperty(v)
	}
	return written
}

func applicationProperty(v any) any {
	switch v := v.(type) {
	case time.Time:
		return v // a Stringer, but JSON knows it
	case float32:
		return applicationProperty(float64(v))
	case float64:
		switch {
		case math.IsNaN(v):
			return "NaN"
		case math.IsInf(v, 0):
			return strings.Replace(strconv.FormatFloat(v, 'f', -1, 64), "Inf", "Infinity", 1)
		}
		return v
	case fmt.Stringer: // a UUID of AMQP
		return v.String()
	}
	return v
}
