package tableledger_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger/azuritetest"
	"github.com/storeteams/storeteams/handler/internal/ledger/tableledger"
)

// transport is a function as a policy.Transporter.
type transport func(*http.Request) (*http.Response, error)

func (f transport) Do(req *http.Request) (*http.Response, error) { return f(req) }

// credential is a function as an azcore.TokenCredential.
type credential func() (azcore.AccessToken, error)

func (f credential) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return f()
}

func goodToken() (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "secret-token", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// secret is an account key; no error may show it.
const secret = "c2VjcmV0LWtleQ=="

// wantFault asserts the kind of an error, and that it keeps secrets.
func wantFault(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("got %v (%v), want kind %v", err, fault.KindOf(err), kind)
	}
	for _, hidden := range []string{secret, "secret-token", "sig=", "\n"} {
		if strings.Contains(err.Error(), hidden) {
			t.Errorf("the error holds %q: %v", hidden, err)
		}
	}
}

func TestOpenWithCredential(t *testing.T) {
	var asked []string
	service := transport(func(req *http.Request) (*http.Response, error) {
		asked = append(asked, req.Method+" "+req.URL.Host+req.URL.Path+" "+req.Header.Get("Authorization"))
		if req.Method == http.MethodPost {
			return answer(req, http.StatusConflict, "TableAlreadyExists"), nil
		}
		return answer(req, http.StatusNotFound, "ResourceNotFound"), nil
	})
	s, err := tableledger.Open("https://account.table.core.windows.net", credential(goodToken), "storeteams", &azcore.ClientOptions{Transport: service})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Get(t.Context(), key)
	wantFault(t, err, fault.NotFound)
	want := []string{
		"POST account.table.core.windows.net/Tables Bearer secret-token",
		"GET account.table.core.windows.net/storeteams(PartitionKey='partition',RowKey='row') Bearer secret-token",
	}
	if strings.Join(asked, "\n") != strings.Join(want, "\n") {
		t.Errorf("the service was asked\n%s\nwant\n%s", strings.Join(asked, "\n"), strings.Join(want, "\n"))
	}
}

func TestOpenRefusesAddress(t *testing.T) {
	for _, address := range []string{"", "account", "http://127.0.0.1:10002/account", "https://", "https://a b", "://"} {
		_, err := tableledger.Open(address, credential(goodToken), "storeteams", nil)
		wantFault(t, err, fault.Invalid)
	}
}

func TestOpenRefusesConnection(t *testing.T) {
	for _, connection := range []string{
		"", ";", "UseDevelopmentStorage=false", "AccountName=a", "AccountKey=" + secret, "AccountName=a;AccountKey=not base64 " + secret,
	} {
		_, err := tableledger.OpenConnection(connection, "storeteams", nil)
		wantFault(t, err, fault.Invalid)
	}
}

func TestOpenDevelopmentStorage(t *testing.T) {
	for _, connection := range []string{"UseDevelopmentStorage=true", "UseDevelopmentStorage=true;"} {
		var address string
		service := transport(func(req *http.Request) (*http.Response, error) {
			address = cmp.Or(address, req.URL.String()) // the first
			return answer(req, http.StatusConflict, "TableAlreadyExists"), nil
		})
		s, err := tableledger.OpenConnection(connection, "storeteams", &azcore.ClientOptions{Transport: service})
		if err != nil {
			t.Fatal(err)
		}
		_ = used(t.Context(), s) // the answer is no row's
		if want := "http://127.0.0.1:10002/devstoreaccount1/Tables"; address != want {
			t.Errorf("%s asks %s, want %s", connection, address, want)
		}
	}
}

// used is the error of using a ledger for the first time.
func used(ctx context.Context, s *tableledger.Store) error {
	_, err := s.Get(ctx, key)
	return err
}

// TestErrors gives each answer to the first use and looks at the error's kind.
func TestErrors(t *testing.T) {
	answers := func(status int, code string) transport {
		return func(req *http.Request) (*http.Response, error) { return answer(req, status, code), nil }
	}
	fails := func(err error) transport {
		return func(*http.Request) (*http.Response, error) { return nil, err }
	}
	for name, test := range map[string]struct {
		service transport
		kind    fault.Kind
	}{
		"no permission":    {answers(403, "AuthorizationPermissionMismatch"), fault.Denied},
		"wrong key":        {answers(401, "AuthenticationFailed"), fault.Denied},
		"a bad name":       {answers(400, "InvalidResourceName"), fault.Invalid},
		"busy":             {answers(503, "ServerBusy"), fault.Throttled},
		"too many":         {answers(429, "TooManyRequests"), fault.Throttled},
		"broken":           {answers(500, "InternalError"), fault.Unavailable},
		"being deleted":    {answers(409, "TableBeingDeleted"), fault.Unavailable},
		"no connection":    {fails(errors.New("no route")), fault.Unavailable},
		"a slow try":       {fails(context.DeadlineExceeded), fault.Unavailable},
		"a refused token":  {fails(&azidentity.AuthenticationFailedError{}), fault.Denied},
		"identity is busy": {fails(&azidentity.AuthenticationFailedError{RawResponse: &http.Response{StatusCode: 503, Body: http.NoBody}}), fault.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			options := &azcore.ClientOptions{Transport: test.service, Retry: policy.RetryOptions{RetryDelay: time.Millisecond, MaxRetryDelay: time.Millisecond}}
			s, err := tableledger.OpenConnection("AccountName=a;AccountKey="+secret, "storeteams", options)
			if err != nil {
				t.Fatal(err)
			}
			wantFault(t, used(t.Context(), s), test.kind)
		})
	}
}

// TestSignatureStaysSecret lets the real transport fail: its error quotes the
// address, and with a shared access signature that is the key.
func TestSignatureStaysSecret(t *testing.T) {
	options := &azcore.ClientOptions{
		Transport: &http.Client{Transport: refusing{}},
		Retry:     policy.RetryOptions{MaxRetries: -1},
	}
	s, err := tableledger.OpenConnection("AccountName=a;SharedAccessSignature=sv=1&sig="+secret, "storeteams", options)
	if err != nil {
		t.Fatal(err)
	}
	wantFault(t, used(t.Context(), s), fault.Unavailable)
}

// refusing is a network without a way.
type refusing struct{}

func (refusing) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("no route") }

// TestSilentConnection has a service that never answers the first try.
func TestSilentConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := true
		service := transport(func(req *http.Request) (*http.Response, error) {
			if silent {
				silent = false
				<-req.Context().Done()
				return nil, req.Context().Err()
			}
			if req.Method == http.MethodPost {
				return answer(req, http.StatusConflict, "TableAlreadyExists"), nil
			}
			return answer(req, http.StatusNotFound, "ResourceNotFound"), nil
		})
		s, err := tableledger.OpenConnection("UseDevelopmentStorage=true", "storeteams", &azcore.ClientOptions{Transport: service})
		if err != nil {
			t.Fatal(err)
		}
		wantFault(t, used(t.Context(), s), fault.NotFound)
	})
}

// TestListAsksForETags has a service that, as documented and unlike Azurite,
// lists ETags only with full metadata.
func TestListAsksForETags(t *testing.T) {
	for name, etag := range map[string]string{"listed": `W/"1"`, "not listed": ""} {
		t.Run(name, func(t *testing.T) {
			service := transport(func(req *http.Request) (*http.Response, error) {
				if req.Method == http.MethodPost {
					return answer(req, http.StatusConflict, "TableAlreadyExists"), nil
				}
				resp := answer(req, http.StatusOK, "")
				entity := map[string]any{"PartitionKey": "partition", "RowKey": "row", "size": 0}
				if req.URL.Query().Get("$format") == "application/json;odata=fullmetadata" && etag != "" {
					entity["odata.etag"] = etag
				}
				body, err := json.Marshal(map[string]any{"value": []any{entity}})
				resp.Body = io.NopCloser(bytes.NewReader(body))
				return resp, err
			})
			s, err := tableledger.OpenConnection("UseDevelopmentStorage=true", "storeteams", &azcore.ClientOptions{Transport: service})
			if err != nil {
				t.Fatal(err)
			}
			for row, err := range s.List(t.Context(), key.Partition, "") {
				if etag == "" {
					wantFault(t, err, fault.Invalid)
				} else if err != nil || row.ETag != etag || row.Key != key {
					t.Errorf("List yielded %q with ETag %s, %v", row.Key, row.ETag, err)
				}
			}
		})
	}
}

// TestTable is about the table itself, on a real service.
func TestTable(t *testing.T) {
	connection := azuritetest.Start(t)
	t.Run("opened twice it is one", func(t *testing.T) {
		table := newTable()
		a, b := open(t, connection, table, nil), open(t, connection, table, nil)
		etag, err := a.Put(t.Context(), key, []byte("1"), "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Put(t.Context(), key, []byte("2"), etag); err != nil {
			t.Fatal(err)
		}
		_, err = a.Put(t.Context(), key, []byte("3"), etag)
		wantFault(t, err, fault.Conflict)
	})
	t.Run("deleted it is not an empty ledger", func(t *testing.T) {
		table := newTable()
		s := open(t, connection, table, nil)
		etag, err := s.Put(t.Context(), key, nil, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := service(t, connection).DeleteTable(t.Context(), table, nil); err != nil {
			t.Fatal(err)
		}
		_, err = s.Get(t.Context(), key)
		wantFault(t, err, fault.Unavailable)
		_, err = s.Put(t.Context(), key, nil, "")
		wantFault(t, err, fault.Unavailable)
		_, err = s.Put(t.Context(), key, nil, etag)
		wantFault(t, err, fault.Unavailable)
		wantFault(t, s.Delete(t.Context(), key, etag), fault.Unavailable)
		for _, err := range s.List(t.Context(), key.Partition, "") {
			wantFault(t, err, fault.Unavailable)
		}
	})
	t.Run("another key is refused", func(t *testing.T) {
		_, endpoint, _ := strings.Cut(connection, "TableEndpoint=")
		s, err := tableledger.OpenConnection("AccountName=devstoreaccount1;AccountKey="+secret+";TableEndpoint="+endpoint, newTable(), nil)
		if err != nil {
			t.Fatal(err)
		}
		wantFault(t, used(t.Context(), s), fault.Denied)
	})
	t.Run("foreign rows are refused", func(t *testing.T) { foreignRows(t, connection) })
}

func foreignRows(t *testing.T, connection string) {
	for name, properties := range map[string]string{
		"without our properties": ``,
		"a piece too few":        `,"size":100,"d00@odata.type":"Edm.Binary","d00":"AAEC"`,
		"a piece too many":       `,"size":1,"d00@odata.type":"Edm.Binary","d00":"AAEC"`,
		"a piece of text":        `,"size":3,"d00":"€€€"`,
		"a size of text":         `,"size":"3"`,
		"a size below zero":      `,"size":-1`,
	} {
		t.Run(name, func(t *testing.T) {
			table := newTable()
			s := open(t, connection, table, nil)
			row := `{"PartitionKey":"partition","RowKey":"row"` + properties + `}`
			if _, err := service(t, connection).NewClient(table).AddEntity(t.Context(), []byte(row), nil); err != nil {
				t.Fatal(err)
			}
			_, err := s.Get(t.Context(), key)
			wantFault(t, err, fault.Invalid)
			for _, err := range s.List(t.Context(), key.Partition, "") {
				wantFault(t, err, fault.Invalid)
			}
		})
	}
	t.Run("a key that is not escaped", func(t *testing.T) {
		table := newTable()
		s := open(t, connection, table, nil)
		row := `{"PartitionKey":"partition","RowKey":"a b","size":0}`
		if _, err := service(t, connection).NewClient(table).AddEntity(t.Context(), []byte(row), nil); err != nil {
			t.Fatal(err)
		}
		for _, err := range s.List(t.Context(), key.Partition, "") {
			wantFault(t, err, fault.Invalid)
		}
	})
}

// service is the account, past the ledger.
func service(t *testing.T, connection string) *aztables.ServiceClient {
	t.Helper()
	client, err := aztables.NewServiceClientFromConnectionString(connection, nil)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// TestUseAfterAFailure: an account that was not ready is used once it is.
func TestUseAfterAFailure(t *testing.T) {
	denied := true
	service := transport(func(req *http.Request) (*http.Response, error) {
		switch {
		case denied:
			return answer(req, http.StatusForbidden, "AuthorizationPermissionMismatch"), nil
		case req.Method == http.MethodPost:
			return answer(req, http.StatusConflict, "TableAlreadyExists"), nil
		}
		return answer(req, http.StatusNotFound, "ResourceNotFound"), nil
	})
	s, err := tableledger.OpenConnection("UseDevelopmentStorage=true", "storeteams", &azcore.ClientOptions{Transport: service})
	if err != nil {
		t.Fatal(err)
	}
	wantFault(t, used(t.Context(), s), fault.Denied)
	for _, err := range s.List(t.Context(), key.Partition, "") {
		wantFault(t, err, fault.Denied)
	}
	_, err = s.Put(t.Context(), key, nil, "")
	wantFault(t, err, fault.Denied)
	wantFault(t, s.Delete(t.Context(), key, `W/"1"`), fault.Denied)
	denied = false
	wantFault(t, used(t.Context(), s), fault.NotFound)
}
