package simplanner

import (
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// taskFields are the properties of a task that can be written. The preview is
// the details' to set.
const taskFields = `appliedCategories assigneePriority assignments bucketId conversationThreadId dueDateTime
	orderHint percentComplete priority startDateTime title`

// categories is how many a plan has.
const categories = 25

// usualPriority is what a task has that was given none: medium.
const usualPriority = 5

func (s *Service) postTask(c *call) (reply, error) {
	b := c.object(taskFields + " planId")
	next := Task{
		Created: c.now, CreatedBy: c.who, Priority: usualPriority, OrderHint: s.newestFirst(),
		AssigneePriority: s.newestFirst(), sum: summary{preview: "automatic"},
	}
	read(b, "planId", &next.Plan)
	s.writeTask(c, b, &next)
	switch {
	case b.err != nil:
		return reply{}, b.err
	case !b.has("planId") || !b.has("title"):
		return reply{}, invalid("a task needs planId and title.")
	}
	p, err := s.plan(c, next.Plan)
	if err != nil {
		return reply{}, err
	}
	if err := s.inPlan(p, next.Bucket); err != nil {
		return reply{}, err
	}
	if err := s.room(p, next, true); err != nil {
		return reply{}, err
	}
	t := &task{plan: p, main: record[Task]{kind: "Task", id: s.newID(), serial: s.number()}}
	t.details = record[Details]{kind: "TaskDetails", id: t.main.id}
	t.main.put(next, c.now, s.opts.ReadLag, nil)
	t.details.put(Details{Preview: "automatic"}, c.now, s.opts.ReadLag, nil)
	s.tasks[t.main.id] = t
	p.tasks = append(p.tasks, t)
	return created(c, &t.main)
}

func (s *Service) patchTask(c *call) (reply, error) {
	t, err := s.task(c, c.args[0])
	if err != nil {
		return reply{}, err
	}
	return patch(s, c, &t.main, taskFields, func(b *body, next *Task) {
		s.writeTask(c, b, next)
		if b.err == nil && b.has("bucketId") {
			b.fail(s.inPlan(t.plan, next.Bucket))
		}
		if b.err == nil && t.main.now.value.PercentComplete == 100 {
			b.fail(s.room(t.plan, *next, false))
		}
	})
}

// writeTask puts what a body says into a task.
func (s *Service) writeTask(c *call, b *body, t *Task) {
	was := t.PercentComplete
	b.title("title", titleLimit, &t.Title)
	b.number("percentComplete", 100, &t.PercentComplete)
	b.number("priority", 10, &t.Priority)
	b.time("startDateTime", &t.Start)
	b.time("dueDateTime", &t.Due)
	b.hint(s, "orderHint", &t.OrderHint)
	b.hint(s, "assigneePriority", &t.AssigneePriority)
	nullable(b, "conversationThreadId", &t.Thread)
	read(b, "bucketId", &t.Bucket)
	if b.has("assignments") {
		t.Assignments = s.assign(c, b, t.Assignments)
	}
	t.Categories = b.flags("appliedCategories", t.Categories, isCategory)
	if !t.Start.IsZero() && !t.Due.IsZero() && t.Start.After(t.Due) {
		b.fail(invalid("the start date is later than the due date."))
	}
	switch {
	case t.PercentComplete < 100:
		t.Completed, t.CompletedBy = time.Time{}, Identity{}
	case was < 100:
		t.Completed, t.CompletedBy = c.now, c.who
	}
}

// inPlan refuses a bucket that is not one of the plan's.
func (s *Service) inPlan(p *plan, id string) error {
	if id == "" {
		return nil
	}
	if err := checkID(id); err != nil {
		return err
	}
	b := s.buckets[id]
	switch {
	case b == nil || !b.main.now.exists():
		return missing()
	case b.plan != p:
		return invalid("the bucket is not in the plan of the task.")
	}
	return nil
}

// room refuses one more task, or one more that is not completed.
func (s *Service) room(p *plan, next Task, more bool) error {
	all, active := 0, 0
	for _, t := range p.tasks {
		if t.main.now.exists() {
			all++
			if t.main.now.value.PercentComplete < 100 {
				active++
			}
		}
	}
	switch {
	case more && all >= s.opts.Limits.Tasks:
		return exceeded("MaximumTasksInProject")
	case next.PercentComplete < 100 && active >= s.opts.Limits.ActiveTasks:
		return exceeded("MaximumActiveTasksInProject")
	}
	return nil
}

// assign changes who a task is assigned to. Null takes somebody off; who is on
// already keeps when and by whom that was.
func (s *Service) assign(c *call, b *body, was map[string]Assignment) map[string]Assignment {
	next := map[string]Assignment{}
	maps.Copy(next, was)
	for user, raw := range inOrder(b.open("assignments")) {
		user = fold(user)
		if !isGUID(user) {
			b.fail(invalid("'%s' is no id of a user.", user))
			continue
		}
		if isNull(raw) {
			delete(next, user)
			continue
		}
		entry := b.typed(raw, "plannerAssignment", "orderHint")
		a, there := next[user]
		if !there {
			a.By, a.At = c.who, c.now
		}
		entry.hint(s, "orderHint", &a.OrderHint)
		b.fail(entry.err)
		next[user] = a
	}
	if len(next) > s.opts.Limits.Assignees {
		b.fail(exceeded("MaximumAssigneesInTasks"))
	}
	return next
}

// flags reads an open type of booleans: true sets one, false or null clears it.
func (b *body) flags(name string, was map[string]bool, valid func(string) bool) map[string]bool {
	if !b.has(name) {
		return was
	}
	next := map[string]bool{}
	maps.Copy(next, was)
	inner := &body{fields: b.open(name)}
	for key := range inOrder(inner.fields) {
		var on bool
		if !valid(key) {
			b.fail(invalid("'%s' is not allowed in '%s'.", key, name))
		}
		nullable(inner, key, &on)
		next[key] = true
		if !on {
			delete(next, key)
		}
	}
	b.fail(inner.err)
	return next
}

func isCategory(name string) bool {
	number, is := strings.CutPrefix(name, "category")
	n, err := strconv.Atoi(number)
	return is && err == nil && n >= 1 && n <= categories && strconv.Itoa(n) == number
}

var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func isGUID(text string) bool { return guid.MatchString(text) }
