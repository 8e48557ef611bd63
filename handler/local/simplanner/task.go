package simplanner

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// task is a task of a plan. Its details are a resource of their own.
type task struct {
	plan    *plan
	main    record[Task]
	details record[Details]
}

func (Task) set() string { return "planner/tasks" }

func (Task) names() []string {
	return strings.Fields(`activeChecklistItemCount appliedCategories assigneePriority assignments bucketId
		checklistItemCount completedBy completedDateTime conversationThreadId createdBy createdDateTime dueDateTime
		hasDescription orderHint percentComplete planId previewType priority referenceCount startDateTime title`)
}

func (t Task) property(name string) any {
	switch name {
	case "title":
		return t.Title
	case "planId":
		return t.Plan
	case "bucketId":
		return given(t.Bucket)
	case "percentComplete":
		return t.PercentComplete
	case "priority":
		return t.Priority
	case "startDateTime":
		return stamp(t.Start)
	case "dueDateTime":
		return stamp(t.Due)
	case "completedDateTime":
		return stamp(t.Completed)
	case "completedBy":
		return t.CompletedBy.json()
	case "createdDateTime":
		return stamp(t.Created)
	case "createdBy":
		return t.CreatedBy.json()
	case "orderHint":
		return t.OrderHint
	case "assigneePriority":
		return t.AssigneePriority
	case "conversationThreadId":
		return given(t.Thread)
	}
	return t.composed(name)
}

// composed is a property made of several values, or of the details.
func (t Task) composed(name string) any {
	switch name {
	case "assignments":
		all := make(map[string]any, len(t.Assignments))
		for user, a := range t.Assignments {
			all[user] = map[string]any{
				"@odata.type": "#microsoft.graph.plannerAssignment", "assignedBy": a.By.json(),
				"assignedDateTime": stamp(a.At), "orderHint": a.OrderHint,
			}
		}
		return all
	case "appliedCategories":
		all := make(map[string]bool, len(t.Categories))
		maps.Copy(all, t.Categories)
		return all
	case "hasDescription":
		return t.sum.described
	case "referenceCount":
		return t.sum.references
	case "checklistItemCount":
		return t.sum.checklist
	case "activeChecklistItemCount":
		return t.sum.unchecked
	default:
		return t.sum.preview
	}
}

func (t *task) copied() Task {
	list := t.main.now.value
	list.ID, list.ETag = t.main.id, t.main.tag(t.main.now.version)
	list.Assignments, list.Categories = maps.Clone(list.Assignments), maps.Clone(list.Categories)
	list.Details = t.details.now.value
	list.Details.ETag = t.details.tag(t.details.now.version)
	list.Details.Checklist = maps.Clone(list.Details.Checklist)
	list.Details.References = maps.Clone(list.Details.References)
	return list
}

// task finds a task that the caller may use.
func (s *Service) task(c *call, id string) (*task, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	t := s.tasks[id]
	if t == nil || !look(c, &t.main).exists() {
		return nil, missing()
	}
	return t, s.admit(c, t.plan.group)
}

func taskRecord(t *task) *record[Task] { return &t.main }

func (s *Service) planTasks(c *call) (reply, error) {
	p, err := s.plan(c, c.args[0])
	if err != nil {
		return reply{}, err
	}
	return page(s, c, records(p.tasks, taskRecord), everything)
}

// getTask shows a task, with its details if the client asks to expand them.
// Details that cannot be found yet are null then.
func (s *Service) getTask(c *call) (reply, error) {
	t, err := s.task(c, c.args[0])
	if err != nil {
		return reply{}, err
	}
	if err := c.only("$select", "$expand"); err != nil {
		return reply{}, err
	}
	expand, expanded := c.query["$expand"]
	if expanded && !slices.Equal(expand, []string{"details"}) {
		return reply{}, invalid("only 'details' can be expanded.")
	}
	list, err := picked[Task](c)
	if err != nil {
		return reply{}, err
	}
	answer := entity(c, &t.main, look(c, &t.main), list)
	if expanded {
		answer["details"] = nil
		if s.detailed(c, t) {
			answer["details"] = row(&t.details, look(c, &t.details), everyName[Details]())
		}
	}
	return reply{status: http.StatusOK, body: answer}, nil
}

func (s *Service) deleteTask(c *call) (reply, error) {
	t, err := s.task(c, c.args[0])
	if err != nil {
		return reply{}, err
	}
	if err := t.main.deletable(c); err != nil {
		return reply{}, err
	}
	s.drop(t, c.now)
	s.prune(t.plan, c.now)
	return reply{status: http.StatusNoContent}, nil
}

// drop makes a task vanish.
func (s *Service) drop(t *task, now time.Time) {
	if t.main.now.exists() {
		t.main.remove(now, s.opts.ReadLag)
		t.details.remove(now, s.opts.ReadLag)
	}
}
