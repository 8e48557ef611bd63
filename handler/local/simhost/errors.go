package simhost

import "errors"

// What an invocation can end with, besides the end of the caller's context.
// Every error of [Host.Invoke] wraps one of them.
var (
	// ErrNoFunction: no function of that name, it could not be indexed, or it
	// is an HTTP function, which has to be called over HTTP.
	ErrNoFunction = errors.New("no such function to invoke")
	// ErrConnection: the handler did not take the call, or died during it.
	ErrConnection = errors.New("the handler gave no answer")
	// ErrStatus: the handler answered with a status outside 200 to 299. The
	// host does not read such an answer's body.
	ErrStatus = errors.New("the handler reported failure")
	// ErrAnswer: a success whose body the host cannot read.
	ErrAnswer = errors.New("the handler's answer cannot be read")
	// ErrHang: a success without a body or with null. The real host would wait
	// until functionTimeout; answer a JSON object instead.
	ErrHang = errors.New("the handler answered success without a JSON object, which hangs the Functions host until functionTimeout")
	// ErrTimeout: functionTimeout passed. The handler's process was replaced,
	// which ended every other call in it too.
	ErrTimeout = errors.New("the function ran longer than functionTimeout")
	// ErrStopped: the host is closed, or gave the handler up.
	ErrStopped = errors.New("the Functions host has stopped")
)
