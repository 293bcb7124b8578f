# What Doxygen must know of a header, line for line; docs/Doxyfile.in names this as its filter.
# A quote's marker `//! [name]` must not become the documentation of what follows it.
s,//! *\[,// [,
# In comments of the reference: "et al." does not end the brief sentence, and --option keeps both dashes.
/\/\/\//s/et al\. /et al.\\ /g
/\/\/\//s/et al\.$/et al.\\ /
/\/\/\//s/ --\([a-z]\)/ \\--\1/g
# A file's brief sentence is its chapter and what it is about.
s,^/// Chapter \([1-6]\)\. ,/// Chapter \1: ,
s,^\(/// Chapter [1-6]: \)New idea: ,\1,
# Shapes and parameters each begin a line of their own.
s,^\( *\/// \)Shapes:,\1<br><b>Shapes</b>:,
s,^\( *\/// \)Parameters\([:\,]\),\1<br><b>Parameters</b>\2,
# Friends are no part of what a class offers.
s,^ *friend .*;.*,,
/^ *template <.*>$/{
N
s,^.*\n *friend .*;.*$,\
,
}
