"""Brazilian taxes of each holder: rules as dated data, assessments, closings, payments."""
