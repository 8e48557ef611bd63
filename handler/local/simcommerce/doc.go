// Package simcommerce simulates the part of a Dynamics 365 Commerce
// environment that storeteams meets: the OData endpoint of Finance &
// Operations (F&O) below /data/. It owns rows in memory, reads and writes them
// over the real wire protocol, and can be told to misbehave. It imports nothing
// of storeteams, so that it cannot share a mistake with the client, and it
// knows no rule of the product: a world with nonsense in it is served as such.
//
// What it does as Microsoft's pages say (articles/fin-ops-core/dev-itpro/
// data-entities/odata.md and priority-based-throttling.md):
//
//   - a keyed request names all key attributes;
//   - $select, $filter (eq ne gt ge lt le and or not, '*' as a wildcard), $top,
//     $skip, $count and $orderby; `in` and `has` are refused;
//   - an enum compares only with a literal of its type, and only eq and ne, and
//     a date only with one that is not quoted;
//   - pages of at most 10,000 rows, joined by an absolute @odata.nextLink;
//   - rows of another company than the user's show with cross-company=true only;
//   - 429 with Retry-After in seconds, when [Environment.Intercept] asks for it.
//
// What it assumes, because no public page settles it:
//
//   - The status of a refused request is 400, also for a key that exists
//     already and for missing key attributes. Bodies have the shape
//     {"error":{"code":"","message":…,"innererror":{…}}}.
//   - Keys of collections whose metadata was not published are taken from what
//     makes their rows unique (collections.json). Attribute names are those of
//     the Common Data Model; their kinds are guessed from the names.
//   - An attribute a row does not state is served as F&O's empty value: "",
//     0, "No", "None", 1900-01-01T00:00:00Z, or for an open end
//     2154-12-31T23:59:59Z. Texts compare without case, as in its database.
//   - SystemUsers has no UserObjectId, as in the metadata of 2025. A row that
//     states an attribute nobody listed adds it to its collection.
//   - A PATCH is answered 204 and a stale If-Match 412.
//   - An attribute that the version does not have is refused wherever it is named,
//     also as one of many ([Environment.DropAttribute]).
//   - RetailTaskManagementReports is read-only, under whatever name: POST, PATCH
//     and DELETE are 405. A customer's entity for tasks ([TaskEntity]) has the
//     report's keys and attributes, answers 405 to what it was not made for, and
//     has ETags of its own: one read from the report is stale there.
//   - What the members of Status and Process_Status are called. Rows may state any
//     and are served as they are.
//
// What it gets wrong, knowingly:
//
//   - Any bearer token will do. There are no roles, no number sequences, no
//     business logic, no validation across collections, no date effectivity:
//     rows outside their ValidFrom and ValidTo are served like the others.
//   - Every collection but the report of tasks takes writes. dataAreaId is no key
//     attribute.
//   - The bearer token "hq" stands for what people do at Commerce's screens and at
//     the point of sale, who use no OData: it may write the report, sees all its
//     rows and attributes at once, and collections that are not published.
//   - How late the report and a task entity are is one span each for all rows
//     ([Options.ReportLag], [TaskEntity]), and each shows one moment of the past.
//     Conditions on a write are checked against what is there now.
//   - Writing a Status sets no other attribute: CompletionDateTime and ResolvedBy
//     are what somebody writes there.
//   - Which collections belong to a company is not modelled: a row does when it
//     states a dataAreaId. PATCH and DELETE see every company.
//   - $expand, $apply, $search, $batch, $metadata, functions and arithmetic in
//     $filter, comparing two attributes, and the type names and members of enums
//     other than NoYes. The first are refused with 400 or 404, the last are not
//     checked.
//   - Rows keep still during one reading: what changes between two pages shows
//     in the next reading. F&O promises no such thing. A reading is forgotten an
//     hour after its last page was asked for.
package simcommerce
