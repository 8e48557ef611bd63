package tableledger

import (
	"context"
	"errors"
	"net/url"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/storeteams/storeteams/handler/internal/fault"
)

// serverBusy is the code of a 503 that means "slow down".
// See learn.microsoft.com/rest/api/storageservices/table-service-error-codes.
const serverBusy = "ServerBusy"

// classify sorts what a call of the SDK returned. It keeps none of the SDK's
// text: that runs over many lines and may hold the address with its signature.
func classify(ctx context.Context, op string, err error) error {
	var response *azcore.ResponseError
	var refused *azidentity.AuthenticationFailedError
	switch {
	case errors.As(err, &response):
		return fault.Newf(kindOf(response), op, "the table service answered %d %s (request %s)",
			response.StatusCode, response.ErrorCode, response.RawResponse.Header.Get("x-ms-request-id"))
	case ctx.Err() != nil:
		return fault.New(fault.KindOf(ctx.Err()), op, ctx.Err())
	case errors.As(err, &refused):
		return fault.Newf(kindOfRefusal(refused), op, "the credential gets no token for the table service")
	}
	return fault.New(fault.Unavailable, op, withoutAddress(err))
}

func kindOf(response *azcore.ResponseError) fault.Kind {
	switch aztables.TableErrorCode(response.ErrorCode) {
	case aztables.TableNotFound, aztables.TableBeingDeleted:
		// Somebody deleted the table. It must not look like one empty row.
		return fault.Unavailable
	case serverBusy:
		return fault.Throttled
	}
	return fault.OfStatus(response.StatusCode)
}

// kindOfRefusal tells an identity service that says no from one that is busy.
func kindOfRefusal(refused *azidentity.AuthenticationFailedError) fault.Kind {
	if refused.RawResponse != nil {
		if kind := fault.OfStatus(refused.RawResponse.StatusCode); kind == fault.Throttled || kind == fault.Unavailable {
			return kind
		}
	}
	return fault.Denied
}

// codeOf returns the service's code for an error, or "".
func codeOf(err error) aztables.TableErrorCode {
	var response *azcore.ResponseError
	if !errors.As(err, &response) {
		return ""
	}
	return aztables.TableErrorCode(response.ErrorCode)
}

// withoutAddress strips the request's address from a transport's error: with a
// shared access signature it is a secret.
func withoutAddress(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
