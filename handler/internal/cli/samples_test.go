package cli

const (
	sampleHash = "0123456789abcdef"
	sampleUser = "11111111-2222-3333-4444-555555555555"
)

// samples are values of answers, by name.
func samples() map[string]string {
	return map[string]string{
		"status": `{"version":"v0.5.0","instance":"main","mode":"full","at":"2026-11-23T21:30:00Z","teams":1028,
			"lastRun":{"id":"20261123T211500.000000000Z-abcdefgh","mode":"full","started":"2026-11-23T21:15:00Z",
				"ended":"2026-11-23T21:15:09Z","outcome":"partial","error":""},
			"lastGood":"2026-11-23T21:00:00Z","snapshotAt":"2026-11-23T20:45:00Z","short":"Workers has 60 of 100 rows",
			"holdsWaiting":2,"blocks":1,"notifications":{"wanted":true,"seen":"2026-11-23T21:29:00Z"},"quarantine":{"since":"2026-11-23T21:15:00Z","run":"R1","tried":40,"failed":12}}`,
		"runs": `[` + sampleRun + `]`,
		"run":  sampleRun,
		"plan": `{"hold":"","summary":"2 changes in 2 teams: rename 1, add member 1; 1 held, 1 later",
			"counts":{"add member":1,"rename":1},"cost":{"calls":{"POST /teams":3},"total":6576,"seconds":241},
			"changes":[
				{"team":"s/000101","kind":"add member","sign":"+","text":"member ` + sampleUser + `, worker 001008: active in the store"},
				{"team":"c","kind":"rename","sign":"~","text":"name \"Old\" -> \"New\""}],
			"held":[{"team":"s/000101","rail":"team cap","why":"3 of 5 people would go","hash":"` + sampleHash + `","changes":[
				{"team":"s/000101","kind":"remove","sign":"-","text":"out ` + sampleUser + `: no row speaks of them"}]}],
			"later":[{"team":"s/000102","rail":"sighting","why":"waits for another complete reading","changes":[
				{"team":"s/000102","kind":"remove","sign":"-","text":"out somebody"}]}],
			"skipped":[{"team":"s/000103","rail":"not ours","why":"the group is not ours","changes":[]}]}`,
		"explanation": `{"subject":"worker 001008","verdict":"They are in no team: their account is disabled.","steps":[
			{"title":"What Commerce says","facts":[{"name":"Workers 001008","value":"IsActive Yes"}],"result":"They belong in store 000101."}]}`,
		"holds": `[` + sampleHold + `]`,
		"hold":  sampleHold,
		"unmapped": `[{"worker":"001010","cause":"no account","fix":"set the worker's e-mail address","stores":["000101","000102"]},
			{"worker":"001011","cause":"disabled","fix":"enable the account","stores":["000103"]}]`,
		"extras":   `[{"team":"s/000101","group":"g1","user":"` + sampleUser + `","role":"member","why":"added by hand"}]`,
		"baseline": sampleBaseline,
		"blocks":   `[{"user":"` + sampleUser + `"},{"user":"` + sampleUser + `","store":"000101"}]`,
		"revoked":  `{"user":"` + sampleUser + `","out":["store 000101","c"],"still":{}}`,
		"rebuild":  `"the next run reads everything anew"`,
		"doctor": `{"findings":[{"check":"graph","subject":"User.Read.All","level":"wrong","text":"not granted","fix":"Grant it."},
			{"check":"graph","subject":"Group.Read.All","level":"fine","text":"granted"}]}`,
		"tasks": `{"at":"2026-11-23T21:30:00Z","campaigns":[{"id":"p1","name":"Spring window","origin":"commerce","state":"open",
			"stores":2,"sent":0,"tasks":10,"notSent":1,"notStarted":3,"inProgress":2,"done":4,"overdue":1,"oldest":"2026-11-23T21:20:00Z",
			"regions":[{"region":"North","stores":2,"tasks":10,"notSent":1,"notStarted":3,"inProgress":2,"done":4,"overdue":1,"oldest":"2026-11-23T21:20:00Z"}]}]}`,
		"problems": `[{"store":"000101","problem":"Many tasks are gone at once.","held":["p1"],"at":"2026-11-23T21:20:00Z","losses":[
			{"task":"commerce:p1/t1","title":"Clear the window","at":"2026-11-23T21:10:00Z","field":"status","side":"teams","value":"not started"}]}]`,
		"deadLetters": `[{"id":"42","kind":"store","store":"000199","attempts":0,"reason":"UnknownStore","description":"no such store","at":"2026-11-23T21:00:00Z"}]`,
		"hierarchy": `{"rows":[{"name":"West","parent":"","team":"","store":""},
			{"name":"Store 000101","parent":"West","team":"g1","store":"000101"}],
			"problems":[{"level":"note","subject":"node West","text":"it has one store","fix":"Nothing."}]}`,
	}
}

const sampleRun = `{"id":"20261123T211500.000000000Z-abcdefgh","function":"OrgSync","invocation":"inv-1","mode":"full",
	"started":"2026-11-23T21:15:00Z","ended":"2026-11-23T21:15:09Z","outcome":"done","snapshotAt":"2026-11-23T20:45:00Z",
	"rows":{"Workers":1200,"RetailStores":30},"badRows":1,"stores":30,"people":218,
	"planned":{"add member":3,"remove":1},"done":{"add member":3},"later":1,"unmapped":{"no account":2},
	"graphCalls":{"GET /groups":40,"POST /members":2},"notes":[{"kind":"later","team":"s/000101","text":"waits"}],
	"plan":"store 000101\n  + member\nnothing else\n"}`

const sampleHold = `{"team":"s/000101","rail":"team cap","why":"3 of 5 people would go","hash":"` + sampleHash + `",
	"since":"2026-11-23T21:00:00Z","expires":"2026-11-30T21:00:00Z","decision":"waiting","changes":[
	{"team":"s/000101","kind":"remove","sign":"-","text":"out owner ` + sampleUser + `, worker 001008: no row says any more that they belong"},
	{"team":"s/000101","kind":"archive","sign":"-","text":"archive the team: the store is closed"}]}`

const sampleBaseline = `{"accepted":"2026-11-20T21:00:00Z","newest":"2026-11-23T21:00:00.5Z","short":"Workers has 60 of 100 rows.",
	"collections":[{"name":"RetailStores","accepted":0,"newest":30},{"name":"Workers","accepted":100,"newest":60}]}`
