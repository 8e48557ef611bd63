package simplanner

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// checklistTitle is how long the title of a checklist item may be, in UTF-16
// units.
const checklistTitle = 100

func (Details) set() string { return "planner/tasks/details" }

func (Details) names() []string {
	return strings.Fields("checklist description previewType references")
}

func (d Details) property(name string) any {
	all := map[string]any{}
	switch name {
	case "description":
		return d.Description
	case "previewType":
		return d.Preview
	case "checklist":
		for id, item := range d.Checklist {
			all[id] = map[string]any{
				"@odata.type": "#microsoft.graph.plannerChecklistItem", "title": item.Title, "isChecked": item.Checked,
				"orderHint": item.OrderHint, "lastModifiedBy": item.ModifiedBy.json(), "lastModifiedDateTime": stamp(item.Modified),
			}
		}
	case "references":
		for link, ref := range d.References {
			all[link] = map[string]any{
				"@odata.type": "#microsoft.graph.plannerExternalReference", "alias": given(ref.Alias), "type": given(ref.Type),
				"previewPriority": ref.Priority, "lastModifiedBy": ref.ModifiedBy.json(), "lastModifiedDateTime": stamp(ref.Modified),
			}
		}
	}
	return all
}

// detailed reports whether a task is old enough for its details to be found.
func (s *Service) detailed(c *call, t *task) bool {
	return look(c, &t.details).exists() && c.now.Sub(t.main.now.value.Created) >= s.opts.DetailsDelay
}

// taskDetails finds the task whose details a path names.
func (s *Service) taskDetails(c *call) (*task, error) {
	t, err := s.task(c, c.args[0])
	if err == nil && !s.detailed(c, t) {
		err = missing()
	}
	return t, err
}

func (s *Service) getDetails(c *call) (reply, error) {
	t, err := s.taskDetails(c)
	if err != nil {
		return reply{}, err
	}
	return single(c, &t.details)
}

// patchDetails changes the details. The task itself gets a new version only if
// something changed that it shows.
func (s *Service) patchDetails(c *call) (reply, error) {
	t, err := s.taskDetails(c)
	if err != nil {
		return reply{}, err
	}
	answer, err := patch(s, c, &t.details, "checklist description previewType references", func(b *body, next *Details) {
		nullable(b, "description", &next.Description)
		previews := []string{"automatic", "noPreview", "checklist", "description", "reference"}
		if read(b, "previewType", &next.Preview) && !slices.Contains(previews, next.Preview) {
			b.fail(invalid("'%s' is no previewType.", next.Preview))
		}
		if b.has("checklist") {
			next.Checklist = s.check(c, b, next.Checklist)
		}
		if b.has("references") {
			next.References = s.refer(c, b, next.References)
		}
	})
	if err != nil {
		return reply{}, err
	}
	whole := t.main.now.value
	sum := t.details.now.value.summary()
	if changed := whole.sum.changed(sum); changed != nil {
		whole.sum = sum
		t.main.put(whole, c.now, s.opts.ReadLag, changed)
	}
	return answer, nil
}

// check changes a checklist. An item that is there keeps what the body does not
// say; null removes one.
func (s *Service) check(c *call, b *body, was map[string]ChecklistItem) map[string]ChecklistItem {
	next := map[string]ChecklistItem{}
	maps.Copy(next, was)
	for id, raw := range inOrder(b.open("checklist")) {
		if !isGUID(id) {
			b.fail(invalid("the id '%s' of a checklist item is no GUID.", id))
			continue
		}
		if isNull(raw) {
			delete(next, id)
			continue
		}
		entry := b.typed(raw, "plannerChecklistItem", "title isChecked orderHint")
		item, there := next[id]
		if !there {
			item.OrderHint = s.newestFirst()
		}
		entry.title("title", checklistTitle, &item.Title)
		read(entry, "isChecked", &item.Checked)
		entry.hint(s, "orderHint", &item.OrderHint)
		if item.Title == "" {
			entry.fail(invalid("a checklist item needs a title."))
		}
		b.fail(entry.err)
		item.ModifiedBy, item.Modified = c.who, c.now
		next[id] = item
	}
	if len(next) > s.opts.Limits.Checklist {
		b.fail(exceeded("MaximumChecklistItemsOnTask"))
	}
	return next
}

// refer changes the links of a task; null removes one.
func (s *Service) refer(c *call, b *body, was map[string]Reference) map[string]Reference {
	next := map[string]Reference{}
	maps.Copy(next, was)
	for key, raw := range inOrder(b.open("references")) {
		if !isLink(key) {
			b.fail(invalid("'%s' is no http address with the characters %%.:@# percent-encoded.", key))
			continue
		}
		if isNull(raw) {
			delete(next, key)
			continue
		}
		entry := b.typed(raw, "plannerExternalReference", "alias type previewPriority")
		ref, there := next[key]
		if !there {
			ref.Priority = s.newestFirst()
		}
		nullable(entry, "alias", &ref.Alias)
		nullable(entry, "type", &ref.Type)
		entry.hint(s, "previewPriority", &ref.Priority)
		b.fail(entry.err)
		ref.ModifiedBy, ref.Modified = c.who, c.now
		next[key] = ref
	}
	if len(next) > s.opts.Limits.References {
		b.fail(exceeded("MaximumReferencesOnTask"))
	}
	return next
}

// isLink reports whether a key is the address of a web page, encoded as names
// of properties have to be.
func isLink(key string) bool {
	if strings.ContainsAny(key, ".:@#") {
		return false
	}
	decoded, err := url.PathUnescape(key)
	if err != nil {
		return false
	}
	link, err := url.Parse(decoded)
	return err == nil && (link.Scheme == "http" || link.Scheme == "https") && link.Host != ""
}
