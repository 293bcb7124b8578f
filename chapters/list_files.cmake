# Writes the names of the headers in FOLDER to the file LIST, if they are not the same as before.
string(REGEX REPLACE "([][*?])" "[\\1]" pattern "${FOLDER}") # a folder may be called "[new] bardling"
file(GLOB_RECURSE names RELATIVE ${FOLDER} ${pattern}/*.hpp)
list(JOIN names "\n" names)
set(before "")
if(EXISTS ${LIST})
  file(READ ${LIST} before)
endif()
if(NOT EXISTS ${LIST} OR NOT before STREQUAL names)
  file(WRITE ${LIST} "${names}")
endif()
