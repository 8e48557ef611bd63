package task

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// maxLines is the most lines that a checklist in Planner has.
const maxLines = 20

// ChecklistLine is a line of the Send task's checklist.
type ChecklistLine struct {
	Text   string
	Ticked bool
}

// ProgressText says on the Send task how far a campaign is.
func ProgressText(c *Campaign, o CampaignOverview) string {
	var parts []string
	if c.Note != "" {
		parts = append(parts, c.Note)
	}
	switch c.State {
	case Sending:
		parts = append(parts, fmt.Sprintf("Sent to %d of %s.", o.Sent, count(o.Stores, "store")))
		if o.Done+o.InProgress > 0 {
			parts = append(parts, countsText(o.Counts))
		}
	case Withdrawn:
		parts = append(parts, withdrawnText(o))
	case Done:
		parts = append(parts, "All done. "+countsText(o.Counts)+" To send the list again, add a new task that sends it.")
	default:
		parts = append(parts, countsText(o.Counts))
	}
	return strings.Join(parts, " ")
}

func withdrawnText(o CampaignOverview) string {
	text := "Cancelled. Tasks that nobody had begun are taken back."
	if o.Tasks > 0 {
		text += fmt.Sprintf(" %s still there: %d done, %d in progress.", count(o.Tasks, "task"), o.Done, o.InProgress)
	}
	return text
}

// countsText puts counts in a sentence or two.
func countsText(c Counts) string {
	text := fmt.Sprintf("%d of %s done", c.Done, count(c.Tasks, "task"))
	if c.InProgress > 0 {
		text += fmt.Sprintf(", %d in progress", c.InProgress)
	}
	if c.Overdue > 0 {
		text += fmt.Sprintf(", %d overdue", c.Overdue)
	}
	if c.NotSent > 0 {
		text += fmt.Sprintf(", %d not sent", c.NotSent)
	}
	text += "."
	if !c.Oldest.IsZero() {
		// A day and no time: the text is written again whenever it changes.
		text += " The oldest figure is of " + dateText(c.Oldest.In(time.UTC)) + "."
	}
	return text
}

// ProgressLines are the Send task's checklist: a line a region, ticked when all is
// done there, at most twenty; the last then speaks of all regions left.
func ProgressLines(o CampaignOverview) []ChecklistLine {
	// A withdrawn list leaves regions without tasks.
	regions := slices.DeleteFunc(slices.Clone(o.Regions), func(r RegionOverview) bool { return r.Tasks == 0 })
	var rest []RegionOverview
	if len(regions) > maxLines {
		regions, rest = regions[:maxLines-1], regions[maxLines-1:]
	}
	var lines []ChecklistLine
	for _, region := range regions {
		name := region.Region
		if name == "" {
			name = "Stores in no region"
		}
		lines = append(lines, regionLine(cut(name), region.Counts))
	}
	if len(rest) > 0 {
		var sum Counts
		for _, region := range rest {
			sum.Tasks += region.Tasks
			sum.Done += region.Done
			sum.Overdue += region.Overdue
		}
		lines = append(lines, regionLine(fmt.Sprintf("%d more regions", len(rest)), sum))
	}
	return lines
}

func regionLine(name string, c Counts) ChecklistLine {
	text := fmt.Sprintf("%s: %d of %d done", name, c.Done, c.Tasks)
	if c.Overdue > 0 {
		text += fmt.Sprintf(", %d overdue", c.Overdue)
	}
	return ChecklistLine{Text: text, Ticked: c.AllDone()}
}

// FiguresMark stands for a checklist, to tell whether it is another than was shown.
func FiguresMark(lines []ChecklistLine) Mark {
	var text strings.Builder
	for _, line := range lines {
		fmt.Fprintf(&text, "%t %s\n", line.Ticked, line.Text)
	}
	return MarkOf(text.String())
}
