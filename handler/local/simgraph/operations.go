package simgraph

import (
	"net/http"
	"slices"
	"time"
)

// Outcome is how an operation ends.
type Outcome uint8

// The outcomes.
const (
	Succeed Outcome = iota
	Fail            // status failed, no effect; it may be tried again
	Stick           // notStarted for ever, no effect, and 409 to who tries again
	Mislead         // notStarted for ever, though the effect is there in time
)

// operation is a teamsAsyncOperation.
type operation struct {
	id       string
	kind     string // operationType
	group    *group
	settings settings // of the team to come
	began    time.Time
	moved    time.Time // lastActionDateTime
	looks    int
	outcome  Outcome
	finished bool
	status   string
}

// begin starts an operation on the group and answers 202. It may be over at
// once, depending on the options.
func (t *Tenant) begin(c *call, g *group, kind string, given settings) reply {
	op := &operation{
		id: t.guid(), kind: kind, group: g, settings: given, began: c.now, moved: c.now, status: "notStarted",
	}
	if t.opts.Outcome != nil {
		op.outcome = t.opts.Outcome(kind, g.row.ID)
	}
	g.running = op
	t.ops[op.id] = op
	t.running = append(t.running, op)
	t.settle(c.now)
	return reply{status: http.StatusAccepted, header: map[string]string{
		"Location":         operationPath(g.row.ID, op.id),
		"Content-Location": "/teams('" + g.row.ID + "')",
	}}
}

// settle ends the operations whose time has come.
func (t *Tenant) settle(now time.Time) {
	t.running = slices.DeleteFunc(t.running, func(op *operation) bool {
		if !t.due(op, now) {
			return false
		}
		t.finish(op, now)
		return true
	})
}

// due reports whether an operation has run its course.
func (t *Tenant) due(op *operation, now time.Time) bool {
	polls, length := t.opts.PollsUntilDone, t.opts.OperationTime
	switch {
	case op.outcome == Stick:
		return false
	case polls <= 0 && length <= 0:
		return true
	case polls > 0 && op.looks >= polls:
		return true
	default:
		return length > 0 && !now.Before(op.began.Add(length))
	}
}

// look counts that somebody asked about a running operation, of whatever kind
// the question was: a client that lost the Location asks for the team instead.
func (op *operation) look() {
	if op == nil || op.finished {
		return
	}
	op.looks++
	if op.looks > 1 && op.outcome != Stick && op.outcome != Mislead {
		op.status = "inProgress"
	}
}

func (t *Tenant) finish(op *operation, now time.Time) {
	g := op.group
	op.finished, op.moved = true, now
	if g.running == op {
		g.running = nil
	}
	if op.outcome == Fail || g.gone != here {
		op.status = "failed"
		return
	}
	if op.outcome != Mislead {
		op.status = "succeeded"
	}
	switch op.kind {
	case "createTeam", "teamifyGroup":
		t.openTeam(g, op.settings, now)
	case "archiveTeam":
		g.team.archived = true
	case "unarchiveTeam":
		g.team.archived = false
	}
}

// getOperation shows how far an operation is. Each look brings it nearer its
// end, if the options say so.
func (t *Tenant) getOperation(c *call) (reply, error) {
	if err := c.only("$select"); err != nil {
		return reply{}, err
	}
	op := t.ops[fold(c.args[1])]
	if op == nil || fold(op.group.row.ID) != fold(c.args[0]) {
		return reply{}, refuse(http.StatusNotFound, teamsMissing, "No operation found with id %s", c.args[1])
	}
	op.look()
	picked, err := pick(c.query.Get("$select"), t.names.operation, operationNames)
	if err != nil {
		return reply{}, err
	}
	body := map[string]any{"@odata.context": c.base + "/$metadata#teams('" + c.args[0] + "')/operations/$entity"}
	for _, name := range picked {
		body[name] = op.value(c, name)
	}
	return ok(body), nil
}

func (op *operation) value(c *call, name string) any {
	switch name {
	case "id":
		return op.id
	case "operationType":
		// A value added to the enumeration later is shown only to who asks.
		if op.kind == "teamifyGroup" && !c.preference("include-unknown-enum-members") {
			return "unknownFutureValue"
		}
		return op.kind
	case "createdDateTime":
		return stamp(op.began)
	case "status":
		return op.status
	case "lastActionDateTime":
		return stamp(op.moved)
	case "attemptsCount":
		return 1
	case "targetResourceId":
		return op.group.row.ID
	case "targetResourceLocation":
		return "/teams('" + op.group.row.ID + "')"
	case "error":
		if op.status == "failed" {
			return map[string]any{"code": "GeneralException", "message": "The operation failed."}
		}
	}
	return nil
}
