package org

// Share makes texts that rows have in common one text in memory. Nothing else
// changes. A chain's snapshot, as it was read, has each personnel number five
// times, and a department's as often as people work there: a fifth of its
// memory.
func (s Snapshot) Share() {
	workers := newLookup(s.Workers, func(r *Worker) PersonnelNumber { return r.Number })
	share(&workers, s.ChannelWorkers, func(r *ChannelWorker) *PersonnelNumber { return &r.Worker })
	share(&workers, s.Employments, func(r *Employment) *PersonnelNumber { return &r.Worker })
	share(&workers, s.Staff, func(r *Staff) *PersonnelNumber { return &r.Worker })
	share(&workers, s.Assignments, func(r *Assignment) *PersonnelNumber { return &r.Worker })

	positions := newLookup(s.Positions, func(r *Position) string { return r.ID })
	share(&positions, s.Assignments, func(r *Assignment) *string { return &r.Position })
	share(&positions, s.PositionPermissions, func(r *PositionPermission) *string { return &r.Position })

	parties := newLookup(s.Workers, func(r *Worker) string { return r.Party })
	share(&parties, s.PersonUsers, func(r *PersonUser) *string { return &r.Party })
	users := newLookup(s.SystemUsers, func(r *SystemUser) string { return r.ID })
	share(&users, s.PersonUsers, func(r *PersonUser) *string { return &r.User })
	aliases := newLookup(s.Staff, func(r *Staff) string { return r.Alias })
	share(&aliases, s.SystemUsers, func(r *SystemUser) *string { return &r.Alias })

	channels := newLookup(s.Stores, func(r *Store) string { return r.Channel })
	share(&channels, s.ChannelWorkers, func(r *ChannelWorker) *string { return &r.Channel })
	units := newLookup(s.Units, func(r *Unit) string { return r.Number })
	share(&units, s.Positions, func(r *Position) *string { return &r.Department })
	titles := map[string]string{}
	for i := range s.Positions {
		shareFew(titles, &s.Positions[i].TitleID)
		shareFew(titles, &s.Positions[i].Title)
	}
	groups := map[string]string{}
	for i := range s.PositionPermissions {
		shareFew(groups, &s.PositionPermissions[i].Group)
	}
}

// share gives rows the texts that other rows are found by.
func share[T, R any, K ~string](known *lookup[T, K], rows []R, text func(*R) *K) {
	for i := range rows {
		t := text(&rows[i])
		for _, row := range known.of(*t) {
			*t = known.key(row)
			break
		}
	}
}

// shareFew does so for texts of which there are few.
func shareFew(known map[string]string, text *string) {
	if same, ok := known[*text]; ok {
		*text = same
	} else {
		known[*text] = *text
	}
}
