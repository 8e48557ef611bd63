// Package tableledger keeps the ledger in one Azure table, for the deployed app:
// several instances may use it at once, and each write is decided by the
// service, by ETag.
//
// A row is an entity. Its keys are escaped (see escape.go), its value is split
// over binary properties, and it carries a random nonce (see row.go).
//
// The SDK's retry is the one retry layer. It has a trap: when the answer to a
// write is lost, the retry meets the row that the write itself has made and is
// told of a conflict. The package notices that an answer was lost (attempts.go)
// and looks for its own nonce in the row before it believes in the conflict. If
// the row carries another's nonce by then, nobody can tell any more whether our
// write was there for a moment: that is fault.Unavailable, not Conflict. A
// Delete whose answer was lost and which then finds no row has succeeded, as far
// as anybody can tell.
//
// The package never writes without a condition, uses no transactions (a failed
// one comes back from the SDK as status 202 without a code) and stores no
// doubles (whole ones change their type).
package tableledger

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
)

// tryTimeout bounds one try of a call, unless the options say otherwise. The
// service itself gives up after 30 seconds; without a bound of ours a
// connection that died silently would use up the whole run.
const tryTimeout = 40 * time.Second

// Store is a ledger.Store in an Azure table. Make one with Open or
// OpenConnection.
type Store struct {
	service *aztables.ServiceClient
	name    string
	table   *aztables.Client

	mu   sync.Mutex
	made bool // the table is there
}

var _ ledger.Store = (*Store)(nil)

// Open returns the ledger in a table of the account whose table service is at
// serviceURL, e.g. https://account.table.core.windows.net. It asks nothing: the
// first use makes the table if there is none, and fails if it cannot, so that an
// app whose storage is not right yet runs and can say so. Table names are 3 to 63 letters and digits, and begin with a
// letter. The credential needs the role Storage Table Data Contributor; it is
// never sent over plain http, which is fault.Invalid. Nil options are fine.
func Open(serviceURL string, cred azcore.TokenCredential, table string, options *azcore.ClientOptions) (*Store, error) {
	const op = "tables: open"
	if u, err := url.Parse(serviceURL); err != nil || u.Scheme != "https" || u.Host == "" {
		return nil, fault.Newf(fault.Invalid, op, "%q is not the https address of a table service", serviceURL)
	}
	service, err := aztables.NewServiceClient(serviceURL, cred, clientOptions(options))
	if err != nil {
		return nil, fault.New(fault.Invalid, op, err)
	}
	return open(service, table), nil
}

// OpenConnection is Open with an account's connection string, which says where
// the service is and holds the key to it. UseDevelopmentStorage=true stands for
// Azurite at its usual address.
func OpenConnection(connection, table string, options *azcore.ClientOptions) (*Store, error) {
	if strings.TrimRight(connection, ";") == "UseDevelopmentStorage=true" {
		connection = DevelopmentConnection("http://127.0.0.1:10002/devstoreaccount1")
	}
	service, err := aztables.NewServiceClientFromConnectionString(connection, clientOptions(options))
	if err != nil {
		// Not the cause: it may quote the string, and the key in it.
		return nil, fault.Newf(fault.Invalid, "tables: open", "the connection string is not of the form AccountName=…;AccountKey=…;… or UseDevelopmentStorage=true")
	}
	return open(service, table), nil
}

// DevelopmentConnection returns the connection string of the account that every
// Azurite has. Its name and key are published and protect nothing.
// See learn.microsoft.com/azure/storage/common/storage-connect-azurite.
func DevelopmentConnection(endpoint string) string {
	const key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
	return "AccountName=devstoreaccount1;AccountKey=" + key + ";TableEndpoint=" + endpoint
}

// clientOptions returns the caller's options with what the package adds.
func clientOptions(given *azcore.ClientOptions) *aztables.ClientOptions {
	var options aztables.ClientOptions
	if given != nil {
		options.ClientOptions = *given
	}
	if options.Retry.TryTimeout == 0 {
		options.Retry.TryTimeout = tryTimeout
	}
	options.PerCallPolicies = append(slices.Clone(options.PerCallPolicies), callPolicy{})
	options.PerRetryPolicies = append(slices.Clone(options.PerRetryPolicies), tryPolicy{})
	return &options
}

func open(service *aztables.ServiceClient, table string) *Store {
	return &Store{service: service, name: table, table: service.NewClient(table)}
}

// make makes the table unless that was done before. A failure is final for the
// call only: the next one tries again.
func (s *Store) make(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made {
		return nil
	}
	_, err := s.service.CreateTable(ctx, s.name, nil)
	if err != nil && codeOf(err) != aztables.TableAlreadyExists {
		return classify(ctx, fmt.Sprintf("tables: make table %q", s.name), err)
	}
	s.made = true
	return nil
}

// Get implements ledger.Store.
func (s *Store) Get(ctx context.Context, key ledger.Key) (ledger.Row, error) {
	const op = "tables: get row"
	if err := ledger.CheckKey(op, key); err != nil {
		return ledger.Row{}, err
	}
	if err := s.make(ctx); err != nil {
		return ledger.Row{}, err
	}
	row, _, err := s.get(ctx, op, key)
	return row, err
}

// get returns the row and the nonce of the write that made it.
func (s *Store) get(ctx context.Context, op string, key ledger.Key) (ledger.Row, string, error) {
	response, err := s.table.GetEntity(ctx, escape(key.Partition), escape(key.Row), nil)
	if err != nil {
		return ledger.Row{}, "", classify(ctx, op, err)
	}
	found, err := decode(response.Value)
	if err != nil {
		return ledger.Row{}, "", fault.New(fault.Invalid, op, err)
	}
	return ledger.Row{Key: key, Value: found.value, ETag: string(response.ETag)}, found.nonce, nil
}

// Put implements ledger.Store.
func (s *Store) Put(ctx context.Context, key ledger.Key, value []byte, etag string) (string, error) {
	const op = "tables: put row"
	if err := ledger.CheckKey(op, key); err != nil {
		return "", err
	}
	if err := ledger.CheckValue(op, value); err != nil {
		return "", err
	}
	if etag != "" && !possible(etag) {
		return "", fault.Newf(fault.Conflict, op, "the row is not as expected")
	}
	if err := s.make(ctx); err != nil {
		return "", err
	}
	e := newEntity(key, value)
	newETag, err := s.write(ctx, e, etag)
	if err == nil {
		return newETag, nil
	}
	lost := answerLost(err)
	err = classify(ctx, op, err)
	switch kind := fault.KindOf(err); {
	case kind != fault.Conflict && kind != fault.NotFound:
		return "", err
	case lost:
		return s.settle(ctx, key, e.nonce)
	case kind == fault.NotFound:
		return "", fault.Newf(fault.Conflict, op, "the row has gone")
	}
	return "", err
}

// write sends the one conditional request that a Put is.
func (s *Store) write(ctx context.Context, e entity, etag string) (string, error) {
	body, err := e.encode()
	if err != nil {
		return "", err
	}
	if etag == "" {
		// Without this the service sends the whole entity back.
		ctx = policy.WithHTTPHeader(ctx, http.Header{"Prefer": {"return-no-content"}})
		response, err := s.table.AddEntity(ctx, body, nil)
		return string(response.ETag), err
	}
	// IfMatch must not be nil: the SDK would send "*" and overwrite whatever is there.
	match := azcore.ETag(etag)
	response, err := s.table.UpdateEntity(ctx, body, &aztables.UpdateEntityOptions{
		IfMatch:    &match,
		UpdateMode: aztables.UpdateModeReplace,
	})
	return string(response.ETag), err
}

// settle finds out how a write ended whose answer was lost and whose retry met a
// conflict: if the row carries the write's nonce, it was our own success.
func (s *Store) settle(ctx context.Context, key ledger.Key, nonce string) (string, error) {
	const op = "tables: put row"
	row, found, err := s.get(ctx, op, key)
	switch {
	case err == nil && found == nonce:
		return row.ETag, nil
	case err == nil || fault.Is(err, fault.NotFound):
		return "", fault.Newf(fault.Unavailable, op, "the answer was lost and the row has changed since: whether it was written is unknown")
	}
	return "", err
}

// Delete implements ledger.Store.
func (s *Store) Delete(ctx context.Context, key ledger.Key, etag string) error {
	const op = "tables: delete row"
	if err := ledger.CheckKey(op, key); err != nil {
		return err
	}
	if etag == "" {
		return fault.Newf(fault.Invalid, op, "no ETag given")
	}
	if err := s.make(ctx); err != nil {
		return err
	}
	if !possible(etag) {
		if _, _, err := s.get(ctx, op, key); err != nil {
			return err
		}
		return fault.Newf(fault.Conflict, op, "the row is not as expected")
	}
	match := azcore.ETag(etag)
	_, err := s.table.DeleteEntity(ctx, escape(key.Partition), escape(key.Row), &aztables.DeleteEntityOptions{IfMatch: &match})
	if err == nil {
		return nil
	}
	lost := answerLost(err)
	err = classify(ctx, op, err)
	if lost && fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// Close implements ledger.Store. There is nothing to release: connections
// belong to the transport.
func (s *Store) Close() error { return nil }

// possible reports whether a row could have this ETag: the service's are weak
// ones, of visible characters. What cannot be one is answered here: "*" would
// match every row, and on other text the service complains about the request
// instead of the row.
func possible(etag string) bool {
	rest, begins := strings.CutPrefix(etag, `W/"`)
	rest, ends := strings.CutSuffix(rest, `"`)
	isOther := func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '"' || r == '*' }
	return begins && ends && !strings.ContainsFunc(rest, isOther)
}
