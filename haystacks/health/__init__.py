"""How haystacks, models and keys fare: who may be asked now, and who rests."""
