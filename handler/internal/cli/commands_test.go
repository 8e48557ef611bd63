package cli

import (
	"strings"
	"testing"
)

func TestAnswersInWords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, args string
		code       int
		asked      string
		want       string
	}{
		{"status", "status", exitWaiting, "GET status", `storeteams v0.5.0, instance main, MODE=full
  now         2026-11-23 21:30:00 UTC
  teams       1,028
  last run    partial, 2026-11-23 21:15:00 UTC, 15 minutes ago
  last good   2026-11-23 21:00:00 UTC, 30 minutes ago
  commerce    read 2026-11-23 20:45:00 UTC, 45 minutes ago
  short       Workers has 60 of 100 rows; nobody goes for want of a row (handler baseline show)
  holds       2 waiting for a person (handler holds list)
  blocks      1
  told        of changes, last 2026-11-23 21:29:00 UTC, 1 minute ago
  quarantine  since 2026-11-23 21:15:00 UTC: 12 of 40 changes failed in run R1, so runs are slowed
`},
		{"plan", "plan --store 000101", exitWaiting, "GET plan?store=000101", `communications
  ~ name "Old" -> "New"

store 000101
  + member 11111111-2222-3333-4444-555555555555, worker 001008: active in the store
  ! held by team cap: 3 of 5 people would go
      - out 11111111-2222-3333-4444-555555555555: no row speaks of them
      to let it happen: handler holds allow 0123456789abcdef

store 000102
  . later: waits for another complete reading
      - out somebody

store 000103
  ! left alone: the group is not ours

2 changes in 2 teams: rename 1, add member 1; 1 held, 1 later
about 6,576 Graph calls, about 4 minutes
`},
		{"holds list", "holds list", exitWaiting, "GET holds", `HASH              TEAM          RAIL      DECISION  CHANGES  EXPIRES                  WHY
0123456789abcdef  store 000101  team cap  waiting   2        2026-11-30 21:00:00 UTC  3 of 5 people would go

All of one: handler holds show HASH. Decide: handler holds allow HASH, or refuse HASH.
`},
		{"holds show", "holds show " + sampleHash, exitDone, "GET holds/" + sampleHash,
			`hold 0123456789abcdef, store 000101, by team cap: 3 of 5 people would go
  - out owner 11111111-2222-3333-4444-555555555555, worker 001008: no row says any more that they belong
  - archive the team: the store is closed
since 2026-11-23 21:00:00 UTC, expires 2026-11-30 21:00:00 UTC
It waits for a person: handler holds allow 0123456789abcdef, or refuse 0123456789abcdef
`},
		{"runs list", "runs list --limit 5", exitDone, "GET runs?limit=5",
			`ID                                   STARTED                  TOOK  MODE  OUTCOME  DONE  FAILED  HELD
20261123T211500.000000000Z-abcdefgh  2026-11-23 21:15:00 UTC  9s    full  done     3     0       0
`},
		{"runs show", "runs show", exitDone, "GET runs/last", `run 20261123T211500.000000000Z-abcdefgh of OrgSync, MODE=full: done
  started    2026-11-23 21:15:00 UTC, took 9s
  invocation inv-1
  commerce   read 2026-11-23 20:45:00 UTC, 1,230 rows, 1 of them bad
  wanted     218 memberships in 30 stores
  planned    add member 3, remove 1
  done       add member 3
  stopped    1 later
  unmapped   no account 2
  graph      42 calls: GET /groups 40, POST /members 2
notes
  later, store 000101: waits
plan
  store 000101
    + member
  nothing else
`},
		{"unmapped", "unmapped", exitDone, "GET unmapped", `WORKER  CAUSE       STORES         FIX
001010  no account  000101 000102  set the worker's e-mail address
001011  disabled    000103         enable the account

2 workers. One of them step by step: handler explain --worker N
`},
		{"extras", "extras", exitDone, "GET extras", `TEAM          USER                                  ROLE    WHY            GROUP
store 000101  11111111-2222-3333-4444-555555555555  member  added by hand  g1
`},
		{"blocks", "blocks", exitDone, "GET blocks", `USER                                  OUT OF
11111111-2222-3333-4444-555555555555  every team
11111111-2222-3333-4444-555555555555  store 000101
`},
		{"block", "block --worker 001008 --store 000101", exitDone, `POST block {"store":"000101","worker":"001008"}`,
			`Blocked, from the next run on.
USER                                  OUT OF
11111111-2222-3333-4444-555555555555  every team
11111111-2222-3333-4444-555555555555  store 000101
`},
		{"unblock", "unblock --user ana@example.com", exitDone, `POST unblock {"user":"ana@example.com"}`,
			`Not blocked there any more, from the next run on.
USER                                  OUT OF
11111111-2222-3333-4444-555555555555  every team
11111111-2222-3333-4444-555555555555  store 000101
`},
		{"revoke", "revoke --worker 001008", exitDone, `POST revoke {"worker":"001008"}`,
			`User 11111111-2222-3333-4444-555555555555 is blocked from every team.
  out of store 000101
  out of communications
`},
		{"tasks status", "tasks status --region North", exitDone, "GET tasks?region=North",
			`CAMPAIGN       REGION  STORES  TASKS  DONE  IN PROGRESS  NOT STARTED  NOT SENT  OVERDUE  AS OF
Spring window  all     2       10     4     2            3            1         1        2026-11-23 21:20:00 UTC
Spring window  North   2       10     4     2            3            1         1        2026-11-23 21:20:00 UTC
`},
		{"tasks problems", "tasks problems --store 000101", exitWaiting, "GET tasks/problems?store=000101",
			`STORE   HELD  LAST READ                PROBLEM
000101  p1    2026-11-23 21:20:00 UTC  Many tasks are gone at once.
2026-11-23 21:10:00 UTC  "Clear the window": status said by teams did not win: not started
`},
		{"tasks dead-letters retry", "tasks dead-letters retry 42", exitDone, `POST tasks/dead-letters/retry {"letter":"42"}`,
			`Done. Left are:
ID  ABOUT         ATTEMPTS  SINCE                    REASON        WHY
42  store 000199  0         2026-11-23 21:00:00 UTC  UnknownStore  no such store
`},
		{"rebuild", "rebuild", exitDone, "POST rebuild {}", "the next run reads everything anew\n"},
		{"baseline show", "baseline show", exitDone, "GET baseline", `accepted reading  2026-11-20T21:00:00Z
newest reading    2026-11-23T21:00:00.5Z
COLLECTION    ACCEPTED  NEWEST  PERCENT
RetailStores  0         30      -
Workers       100       60      60
The newest is short: Workers has 60 of 100 rows. Nobody goes for want of a row.
`},
		{"baseline accept", "baseline accept --reading 2026-11-23T21:00:00.5Z", exitDone,
			`POST baseline/accept {"readAt":"2026-11-23T21:00:00.5Z"}`, `Accepted: later readings are measured by the one of 2026-11-20 21:00:00 UTC.
COLLECTION    ACCEPTED  NEWEST  PERCENT
RetailStores  0         30      -
Workers       100       60      60
`},
		{"holds allow", "holds allow " + sampleHash, exitDone, "POST holds/" + sampleHash + "/allow {}",
			`Hold 0123456789abcdef of store 000101 is waiting. The next run makes these changes:
  - out owner 11111111-2222-3333-4444-555555555555, worker 001008: no row says any more that they belong
  - archive the team: the store is closed
The app runs by itself, as a rule every 15 minutes; at once: handler run --store 000101
What is not made until 2026-11-30 21:00:00 UTC is asked about anew.
`},
		{"holds refuse", "holds refuse " + sampleHash, exitDone, "POST holds/" + sampleHash + "/refuse {}",
			`Hold 0123456789abcdef of store 000101 is waiting. These changes are not made:
  - out owner 11111111-2222-3333-4444-555555555555, worker 001008: no row says any more that they belong
  - archive the team: the store is closed
The refusal ends 2026-11-30 21:00:00 UTC; what still applies then is asked about anew.
`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.run(t.Context(), strings.Fields(test.args)...).expect(t, test.code, test.want, "")
			if got := strings.Join(p.app.asked, "\n"); got != test.asked {
				t.Errorf("asked %s, want %s", got, test.asked)
			}
		})
	}
}
