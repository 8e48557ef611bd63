package simplanner

import (
	"net/http"
	"strings"
)

// bucket is a bucket of a plan.
type bucket struct {
	plan *plan
	main record[Bucket]
}

func (Bucket) set() string { return "planner/buckets" }

func (Bucket) names() []string { return strings.Fields("name orderHint planId") }

func (b Bucket) property(name string) any {
	switch name {
	case "name":
		return b.Name
	case "orderHint":
		return b.OrderHint
	default:
		return b.Plan
	}
}

// bucket finds a bucket that the caller may use.
func (s *Service) bucket(c *call, id string) (*bucket, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	b := s.buckets[id]
	if b == nil || !look(c, &b.main).exists() {
		return nil, missing()
	}
	return b, s.admit(c, b.plan.group)
}

func (s *Service) planBuckets(c *call) (reply, error) {
	p, err := s.plan(c, c.args[0])
	if err != nil {
		return reply{}, err
	}
	return page(s, c, records(p.buckets, bucketRecord), everything)
}

func bucketRecord(b *bucket) *record[Bucket] { return &b.main }

func (s *Service) postBucket(c *call) (reply, error) {
	b := c.object("name planId orderHint")
	next := Bucket{OrderHint: s.newestFirst()}
	read(b, "planId", &next.Plan)
	b.title("name", titleLimit, &next.Name)
	b.hint(s, "orderHint", &next.OrderHint)
	switch {
	case b.err != nil:
		return reply{}, b.err
	case !b.has("planId") || !b.has("name"):
		return reply{}, invalid("a bucket needs planId and name.")
	}
	p, err := s.plan(c, next.Plan)
	if err != nil {
		return reply{}, err
	}
	if alive(records(p.buckets, bucketRecord)) >= s.opts.Limits.Buckets {
		return reply{}, exceeded("MaximumBucketsInProject")
	}
	made := &bucket{plan: p, main: record[Bucket]{kind: "Bucket", id: s.newID(), serial: s.number()}}
	made.main.put(next, c.now, s.opts.ReadLag, nil)
	s.buckets[made.main.id] = made
	p.buckets = append(p.buckets, made)
	return created(c, &made.main)
}

func (s *Service) getBucket(c *call) (reply, error) {
	b, err := s.bucket(c, c.args[0])
	if err != nil {
		return reply{}, err
	}
	return single(c, &b.main)
}

func (s *Service) patchBucket(c *call) (reply, error) {
	b, err := s.bucket(c, c.args[0])
	if err != nil {
		return reply{}, err
	}
	return patch(s, c, &b.main, "name orderHint", func(b *body, next *Bucket) {
		b.title("name", titleLimit, &next.Name)
		b.hint(s, "orderHint", &next.OrderHint)
	})
}

// deleteBucket deletes a bucket and the tasks that are in it now.
func (s *Service) deleteBucket(c *call) (reply, error) {
	b, err := s.bucket(c, c.args[0])
	if err != nil {
		return reply{}, err
	}
	if err := b.main.deletable(c); err != nil {
		return reply{}, err
	}
	for _, t := range b.plan.tasks {
		if t.main.now.value.Bucket == b.main.id {
			s.drop(t, c.now)
		}
	}
	b.main.remove(c.now, s.opts.ReadLag)
	s.prune(b.plan, c.now)
	return reply{status: http.StatusNoContent}, nil
}

func (s *Service) bucketTasks(c *call) (reply, error) {
	b, err := s.bucket(c, c.args[0])
	if err != nil {
		return reply{}, err
	}
	return page(s, c, records(b.plan.tasks, taskRecord), func(t Task) bool { return t.Bucket == b.main.id })
}
