"""The demonstration workspace: invented companies, invented prices, a plausible story.

Nothing here misrepresents a real security: codes and names are made up, every asset belongs to the
demonstration workspace alone and says so in its name. The same run gives the same figures, today
and in years: the story is fixed and prices follow from the code and the date.
"""
