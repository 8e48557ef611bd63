package ledger

import (
	"context"

	"github.com/storeteams/storeteams/handler/internal/task"
)

// Campaign is a list that was sent from the communications board, or a draft of
// one that was previewed.
type Campaign struct {
	task.Campaign
	ETag string `json:"-"` // the version that was read; empty: it is not in the ledger yet
}

func (c *Campaign) key(string) Key   { return Key{partCampaign, c.ID} }
func (c *Campaign) version() *string { return &c.ETag }

// Campaigns returns all campaigns by id.
func (b *Book) Campaigns(ctx context.Context) (map[string]*Campaign, error) {
	return readAll(ctx, b, new(Campaign), func(c *Campaign) string { return c.ID })
}

// SaveCampaign writes a campaign.
func (b *Book) SaveCampaign(ctx context.Context, c *Campaign) error { return saveRow(ctx, b, c) }

// DropCampaign deletes a campaign; one that was never saved or is gone is fine.
func (b *Book) DropCampaign(ctx context.Context, c *Campaign) error { return dropRow(ctx, b, c) }
