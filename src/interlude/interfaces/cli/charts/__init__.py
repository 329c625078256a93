"""Charts of the command line: small pictures of curves as SVG, or as PNG by the print layer's typesetter."""
