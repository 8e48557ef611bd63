package graph

// Limits are how fast a process allows itself to ask, in requests a second, or
// in the directory's resource units a second.
type Limits struct {
	CreateTeam, ListMembers, OtherRead, OtherWrite float64 // of Teams
	PerTeam                                        float64 // on any one team
	Units, Writes                                  float64 // of the directory
	Planner                                        float64 // the one that no publication limits
}

// Limits returns what the rates admit in the long run.
func (r *Rates) Limits() Limits {
	return Limits{
		CreateTeam: createTeamRate * r.share, ListMembers: listMembersRate * r.share,
		OtherRead: otherReadRate * r.share, OtherWrite: otherWriteRate * r.share,
		PerTeam: perTeamRate * r.share,
		Units:   unitRate * r.share, Writes: writeRate * r.share,
		Planner: float64(r.planner.Limit()),
	}
}
