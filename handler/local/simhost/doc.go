// Package simhost stands in for the Azure Functions host: it runs a staged
// script root (host.json, the handler, one folder a function) the way the host
// runs a custom handler, so that the binary that is deployed can be tried
// without Azure and without Core Tools.
//
// It owns the handler's process (start, readiness, restart, kill), the calls
// it makes into it, the timers, and the HTTP front. It refuses to know what the
// functions do: it imports nothing of storeteams, so it cannot share a mistake
// with the handler. What it does not simulate it names as an error when it
// reads the script root, instead of passing over it.
//
// The rules are those of Azure/azure-functions-host (WebJobs.Script, mostly
// Workers/Http) and Azure/azure-webjobs-sdk-extensions (timers).
//
// # What it gets wrong
//
//   - An answer after which the host would wait for ever (a success without a
//     body, or with null) fails at once with [ErrHang].
//   - HTTP functions work only by proxying (customHandler.enableProxyingHttpRequest)
//     and only with one httpTrigger and one http output. A method that no route
//     takes gets 404. Routes know literals, {name} and {*rest}, no constraints.
//     functionTimeout and the 240 s idle limit do not apply to them.
//   - Output bindings other than http, retry policies, runOnStartup, disabled
//     functions, command line arguments and a fixed port are not simulated.
//   - Only JSON answers are read; the host also reads XML and forms.
//   - On Linux the handler's port is kept from other programs; the host leaves a
//     gap in which one may take it.
//   - The handler gets 30 s by the clock to answer its first GET /; the host
//     counts only its own pauses.
//   - Setting names keep their case. Secrets in the handler's output are not
//     masked. Log levels of host.json do not filter anything.
//   - A timer's status lives in memory: nothing is ever past due, and two hosts
//     do not share a timer. The cron dialect is that of robfig/cron: with both
//     a day of month and a day of week given it fires on either, where the host
//     wants both.
//   - Of the triggers on Service Bus only those on queues are simulated, one message
//     a call, with dataType binary and a connection string. Closed during calls, a
//     queue without sessions may keep the messages in work until their locks end.
//   - One key opens every function with authLevel function; /admin is open, as
//     it is under Core Tools. There are no scale checks and there is no drain.
package simhost
