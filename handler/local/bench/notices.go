package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/notify"
	"github.com/storeteams/storeteams/handler/local/environment"
	"github.com/storeteams/storeteams/handler/local/simbus"
	"github.com/storeteams/storeteams/handler/local/world"
)

const (
	noticeCallers = 8 // who post at once, each the next body when the last is answered
	noticeTime    = 5 * time.Second
	handlerName   = "the handler"
	webhookPath   = "/api/graph/notifications"
)

// posting is how notifications of a size were answered.
type posting struct {
	who   string
	items int // in a body

	answered      int // bodies
	bodies        int // acknowledged a second
	p50, p99, max time.Duration
	peak          int64 // memory, in bytes
}

// measureNotices posts notifications to the handler, with the Service Bus
// stand-in behind it, and to a program that only answers.
func (b *bencher) measureNotices(ctx context.Context) (err error) {
	bus, err := simbus.Start(simbus.Options{Address: "127.0.0.1:0", Queues: []simbus.Queue{
		{Name: environment.TaskQueue, Sessions: true}, {Name: environment.OrgQueue, Sessions: true}, {Name: environment.EventQueue},
	}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bus.Close()) }()
	secret := bytes.Repeat([]byte("s"), 32)
	tenant := world.SampleSettings()["TENANT_ID"]
	settings := b.chosen()
	maps.Copy(settings, map[string]string{
		"COMMERCE_URL": "http://127.0.0.1:1", "GRAPH_URL": "http://127.0.0.1:1/v1.0", "TENANT_ID": tenant,
		"LEDGER": "file:" + filepath.Join(b.folder, "notices.db"), "ServiceBus": bus.ConnectionString(),
		"NOTIFICATION_URL": environment.NotificationURL, "NOTIFICATION_SECRETS": "k:" + base64.StdEncoding.EncodeToString(secret),
		"TASK_SWEEP_SCHEDULE": "0 0 0 29 2 *", "SUBSCRIPTION_SCHEDULE": "0 0 0 29 2 *",
	})
	keys, err := notify.NewKeys(settings["INSTANCE"], tenant, []notify.Key{{ID: "k", Secret: secret}})
	if err != nil {
		return err
	}
	state, err := keys.Sign(notify.Groups, rand.Reader)
	if err != nil {
		return err
	}
	env := os.Environ()
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		env = append(env, name+"="+settings[name])
	}
	hello, err := b.buildHello(ctx)
	if err != nil {
		return err
	}
	for _, program := range []struct{ who, path string }{{handlerName, b.handler()}, {"net/http alone", hello}} {
		if err := b.postTo(ctx, program.who, program.path, env, tenant, state); err != nil {
			return fmt.Errorf("post to %s: %w", program.who, err)
		}
	}
	want := 0
	for _, p := range b.figures.postings {
		if p.who == handlerName {
			want += p.items * p.answered
		}
	}
	if got := bus.Counts(environment.OrgQueue).Active; got != want {
		return fmt.Errorf("%d hints are on the queue, want %d", got, want)
	}
	return nil
}

// postTo starts a program, and posts bodies of each size to it.
func (b *bencher) postTo(ctx context.Context, who, program string, env []string, tenant, state string) error {
	port, err := freePort(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, program)
	cmd.Env = append(env[:len(env):len(env)], "FUNCTIONS_CUSTOMHANDLER_PORT="+port)
	began := time.Now()
	if err := cmd.Start(); err != nil {
		cancel()
		return err
	}
	defer func() {
		cancel()
		_ = cmd.Wait() // it was killed
	}()
	address := "http://127.0.0.1:" + port + webhookPath
	if err := awaitValidation(ctx, address); err != nil {
		return err
	}
	b.figures.validations = append(b.figures.validations, validation{who, time.Since(began)})
	for _, items := range []int{1, 100, 1000} {
		fmt.Fprintf(b.progress, "notifications of %d items to %s\n", items, who)
		p, err := postFor(ctx, address, notices(items, tenant, state))
		if err != nil {
			return err
		}
		used, err := usageOf(cmd.Process.Pid)
		if err != nil {
			return err
		}
		p.who, p.items, p.peak = who, items, used.peak
		b.figures.postings = append(b.figures.postings, p)
	}
	return nil
}

// validation is how long a program takes from its start to its first answer to
// Graph's validation.
type validation struct {
	who  string
	took time.Duration
}

// awaitValidation asks for a validation until it is answered.
func awaitValidation(ctx context.Context, address string) error {
	look := time.NewTicker(lookAgain)
	defer look.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"?validationToken=token", http.NoBody)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			return resp.Body.Close()
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

// notices is a body of so many items about groups that nobody knows.
func notices(items int, tenant, state string) []byte {
	rows := make([]string, items)
	for i := range rows {
		id := fmt.Sprintf("bbbbbbbb-0000-4000-8000-%012d", i)
		rows[i] = fmt.Sprintf(`{"id":"lsgTZMr9KwAAA","subscriptionId":"aaaaaaaa-0000-4000-8000-000000000001","subscriptionExpirationDateTime":"2026-12-20T11:00:00Z",`+
			`"clientState":%q,"changeType":"updated","resource":"Groups/%s","tenantId":%q,"resourceData":{"@odata.type":"#Microsoft.Graph.Group","@odata.id":"Groups/%s","id":%q}}`,
			state, id, tenant, id, id)
	}
	return []byte(`{"value":[` + strings.Join(rows, ",") + `]}`)
}

// postFor posts the body over and over and takes the time of each answer.
func postFor(ctx context.Context, address string, body []byte) (posting, error) {
	var (
		mu   sync.Mutex
		took []time.Duration
	)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: noticeCallers}}
	callers, ctx := errgroup.WithContext(ctx)
	began := time.Now()
	for range noticeCallers {
		callers.Go(func() error {
			for time.Since(began) < noticeTime {
				asked := time.Now()
				if err := postOnce(ctx, client, address, body); err != nil {
					return err
				}
				mu.Lock()
				took = append(took, time.Since(asked))
				mu.Unlock()
			}
			return nil
		})
	}
	if err := callers.Wait(); err != nil {
		return posting{}, err
	}
	slices.Sort(took)
	at := func(percent int) time.Duration { return took[(len(took)-1)*percent/100] }
	return posting{answered: len(took), bodies: int(float64(len(took)) / time.Since(began).Seconds()), p50: at(50), p99: at(99), max: at(100)}, nil
}

func postOnce(ctx context.Context, client *http.Client, address string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	if resp.StatusCode != http.StatusAccepted {
		err = cmp.Or(err, fmt.Errorf("status %d", resp.StatusCode))
	}
	return errors.Join(err, resp.Body.Close())
}
