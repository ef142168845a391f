"""Champion against challenger: evidence, statistics, gates, verdict. Rendering is elsewhere."""
