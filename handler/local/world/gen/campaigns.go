package main

// What Commerce calls the states of a task, and of a process. No page tells; the
// names are those of its other states.
const (
	notStarted = "NotStarted"
	inProgress = "InProgress"
	completed  = "Completed"
)

// noDate is how F&O writes a date that is none.
const noDate = "1900-01-01T00:00:00Z"

// campaign is a task list that was sent to stores: a process, in Commerce.
type campaign struct {
	name, target, status string
	stores               []string
	tasks                []errand
}

// errand is one task of a list.
type errand struct{ name, due, notes string }

// progress is what a store has made of a task.
type progress struct {
	status    string
	when      string  // of the completion
	worker    *worker // whom the task is assigned to
	completer *worker
}

// addCampaigns sends two lists and adds a task of a store's own.
func (r *retailer) addCampaigns() {
	r.addSpringWindow()
	r.addPriceLabels()

	// CASE a store's own task, made at its till: a process of one task.
	mend := campaign{name: "Mend the back door", target: "2027-01-15T12:00:00Z", status: inProgress}
	r.addTask(mend, "000103", errand{mend.name, mend.target, "It does not lock. The key is in the office."}, progress{status: notStarted})
}

// CASE a campaign that is running in some stores, of both companies.
func (r *retailer) addSpringWindow() {
	spring := campaign{
		name: "Spring window", target: "2027-02-26T12:00:00Z", status: inProgress,
		stores: []string{"000101", "000102", "000104", "000107", "000112", "000115"},
		tasks: []errand{
			{"Order the spring posters", "2026-11-20T12:00:00Z", "Two for each window, size A1."},
			{"Clear the window", "2027-02-24T12:00:00Z", "Keep the stands.\nThe rest goes back to the depot."},
			{"Build the spring display", "2027-02-25T12:00:00Z", "Page 3 of the guide. It takes two of you."},
			{"Photograph the window", "2027-02-26T12:00:00Z", ""},
			// CASE a task without a due date.
			{"Tell your regional manager what sold", noDate, ""},
		},
	}
	manager := func(store string) *worker { return r.storeNumbered(store).manager }
	r.send(spring, map[string]progress{
		"000101 Order the spring posters": {status: completed, when: "2026-11-16T09:12:40Z", completer: manager("000101")},
		"000104 Order the spring posters": {status: completed, when: "2026-11-17T16:30:05Z", completer: manager("000104")},
		"000107 Order the spring posters": {status: completed, when: "2026-11-19T11:02:00Z", completer: manager("000107")},
		"000107 Clear the window":         {status: inProgress},
		// CASE a task that Commerce gives to somebody.
		"000102 Build the spring display": {status: notStarted, worker: manager("000102")},
	})
}

// CASE a campaign that is done in all its stores.
func (r *retailer) addPriceLabels() {
	labels := campaign{
		name: "Autumn price labels", target: "2026-10-02T12:00:00Z", status: completed,
		stores: []string{"000103", "000105", "000106"},
		tasks: []errand{
			{"Print the labels", "2026-09-30T12:00:00Z", "Use the yellow paper."},
			{"Change the labels", "2026-10-01T12:00:00Z", ""},
			{"Check ten labels at the till", "2026-10-02T12:00:00Z", "Any ten."},
		},
	}
	done := map[string]progress{}
	for _, store := range labels.stores {
		for _, task := range labels.tasks {
			done[store+" "+task.name] = progress{status: completed, when: "2026-10-01T15:45:00Z", completer: r.storeNumbered(store).manager}
		}
	}
	r.send(labels, done)
}

// send writes the tasks of a campaign, in each store those that it was sent.
// What is not in made was not begun.
func (r *retailer) send(c campaign, made map[string]progress) {
	for _, store := range c.stores {
		for _, task := range c.tasks {
			p, begun := made[store+" "+task.name]
			if !begun {
				p.status = notStarted
			}
			r.addTask(c, store, task, p)
		}
	}
}

func (r *retailer) addTask(c campaign, store string, task errand, p progress) {
	one := row{
		"Process_ProcessId", guid("process " + c.name), "TaskId", guid("task " + c.name + " " + store + " " + task.name),
		"StoreNumber", store, "Process_Name", c.name, "Process_TargetDate", c.target, "Process_Status", c.status,
		"Name", task.name, "Notes", task.notes, "DueDate", task.due, "Status", p.status,
	}
	if p.worker != nil {
		one = append(one, "AssignedWorker", p.worker.number)
	}
	if p.completer != nil {
		one = append(one, "CompletionDateTime", p.when, "ResolvedBy", p.completer.number)
	}
	r.add("RetailTaskManagementReports", one...)
}
