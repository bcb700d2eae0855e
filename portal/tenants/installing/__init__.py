"""Installation jobs (装维工单): who may bind how many boxes of which group, until when, and how the enterprise ID reached them.

Not here: the bindings themselves and what a box says of itself (boxes, which takes places and is asked how many are bound).
"""
