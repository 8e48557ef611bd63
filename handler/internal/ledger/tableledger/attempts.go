package tableledger

import (
	"errors"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// lostHeader marks, on a response, that an earlier try of the same call had no
// answer that says whether it took effect. It never leaves the process.
const lostHeader = "Storeteams-Answer-Lost"

// tries is what callPolicy and tryPolicy remember about one call.
type tries struct {
	lost bool
}

// callPolicy gives each call its tries. It stands before the SDK's retry.
type callPolicy struct{}

// Do implements policy.Policy.
func (callPolicy) Do(req *policy.Request) (*http.Response, error) {
	req.SetOperationValue(&tries{})
	return req.Next()
}

// tryPolicy notes a try without a sure answer, and marks the response of a later
// one. It stands behind the SDK's retry.
type tryPolicy struct{}

// Do implements policy.Policy.
func (tryPolicy) Do(req *policy.Request) (*http.Response, error) {
	response, err := req.Next()
	var call *tries
	if !req.OperationValue(&call) {
		return response, err
	}
	if call.lost && response != nil {
		response.Header.Set(lostHeader, "true")
	}
	// After a 5xx or a timeout a write may have happened all the same; after
	// any other answer it is known.
	if err != nil || response.StatusCode >= 500 || response.StatusCode == http.StatusRequestTimeout {
		call.lost = true
	}
	return response, err
}

// answerLost reports whether the error answers a call of which an earlier try
// may have taken effect.
func answerLost(err error) bool {
	var response *azcore.ResponseError
	return errors.As(err, &response) && response.RawResponse.Header.Get(lostHeader) != ""
}
