# gpt_chapter(NUMBER 02 EXERCISES averages head TESTS test_more.cpp RUNS default) makes, from the chapter's folder,
#   ch02            its program
#   test_ch02       its tests: TESTS, and test_NAME.cpp of every exercise
#   exercise_NAME   the tests of one exercise on the reference
#   milestone_ch02  a full training run, held against the published loss
# and, with the reader's folder my/ before chapters/ on the include path, my_ch02 and my_exercise_NAME: the same sources,
# so that whatever the reader has written takes the reference's place and all else falls back to it. The tests of the
# exercises themselves plant right and wrong answers in a folder of their own, one a chapter: trial_02_exercise_NAME.
# Where there is an exercise/challenge.md, my_challenge_ch02 is what ./learn challenge 2 measures.
#
# EXERCISES are in the order of the folders exercise/1_averages, exercise/2_head. One whose part belongs to another
# chapter is written 01_bigram/generate: its tests are chapters/01_bigram/test_generate.cpp.
#
# MAIN is the program's source where it is not main.cpp.
#
# RUNS are the ways in which the program is run: "default", or an option with its value for each, "--stage plain". The
# tests of the programs run each of them briefly, the milestones in full; WORSE_THAN plain residual says that the run
# with the value plain ends with a higher loss than the one with the value residual.
function(gpt_chapter)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NUMBER;MAIN" "EXERCISES;TESTS;RUNS;WORSE_THAN")

  if(NOT arg_MAIN)
    set(arg_MAIN main.cpp)
  endif()
  gpt_chapter_program(${prefix}ch${arg_NUMBER} ${arg_MAIN})
  if(prefix)
    target_link_libraries(${prefix}ch${arg_NUMBER} PRIVATE gpt_my_program)
  else()
    target_link_libraries(ch${arg_NUMBER} PRIVATE gpt_program gpt_calls)
    target_precompile_headers(ch${arg_NUMBER} REUSE_FROM gpt_program)
  endif()
  if(prefix AND EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/exercise/challenge.md)
    gpt_challenge_program(${arg_NUMBER} ${arg_MAIN})
  endif()
  set(all_tests ${arg_TESTS})
  foreach(exercise IN LISTS arg_EXERCISES)
    get_filename_component(folder ${exercise} DIRECTORY)
    get_filename_component(name ${exercise} NAME)
    if(folder)
      set(test ${PROJECT_SOURCE_DIR}/chapters/${folder}/test_${name}.cpp)
    else()
      set(test ${CMAKE_CURRENT_SOURCE_DIR}/test_${name}.cpp)
      list(APPEND all_tests test_${name}.cpp)
    endif()
    gpt_chapter_program(${prefix}exercise_${name} ${test})
    target_link_libraries(${prefix}exercise_${name} PRIVATE gpt_test)
    target_precompile_headers(${prefix}exercise_${name} REUSE_FROM gpt_test_headers)
    set_target_properties(${prefix}exercise_${name} PROPERTIES EXCLUDE_FROM_ALL ON)
    if(prefix MATCHES trial AND CMAKE_GENERATOR MATCHES Ninja AND NOT BARDLING_SANITIZE)
      add_test(NAME "exercise: ${name}"
        COMMAND sh ${PROJECT_SOURCE_DIR}/tests/runner/test_exercise.sh
                $<TARGET_FILE:runner> ${PROJECT_BINARY_DIR} trial_${arg_NUMBER} ${name})
      set_tests_properties("exercise: ${name}" PROPERTIES LABELS exercise TIMEOUT 600
        RESOURCE_LOCK trial_${arg_NUMBER} FIXTURES_REQUIRED built SKIP_RETURN_CODE 77 COST 20)
      if(BARDLING_PYTHON)
        add_test(NAME "mutants: ${name}"
          COMMAND ${BARDLING_PYTHON} -B ${PROJECT_SOURCE_DIR}/tests/runner/mutants.py
                  ${PROJECT_BINARY_DIR} trial_${arg_NUMBER} ${name})
        set_tests_properties("mutants: ${name}" PROPERTIES LABELS mutants TIMEOUT 1800
          RESOURCE_LOCK trial_${arg_NUMBER} FIXTURES_REQUIRED built)
      endif()
    endif()
  endforeach()

  if(NOT prefix)
    list(REMOVE_DUPLICATES all_tests)
    gpt_chapter_program(test_ch${arg_NUMBER} ${all_tests})
    target_link_libraries(test_ch${arg_NUMBER} PRIVATE gpt_test)
    target_precompile_headers(test_ch${arg_NUMBER} REUSE_FROM gpt_test_headers)
    catch_discover_tests(test_ch${arg_NUMBER} PROPERTIES LABELS ch${arg_NUMBER} TIMEOUT 120)
    gpt_chapter_runs(ch${arg_NUMBER} "${arg_RUNS}" "${arg_WORSE_THAN}")
  endif()
endfunction()

# Full training runs on Tiny Shakespeare against the published losses: minutes, so only by name, ctest -L milestone. The
# property GPT_RUNS collects the runs of all chapters, "ch05 --stage plain", for the tests of the programs.
function(gpt_chapter_runs program runs worse_than)
  set(milestone ${PROJECT_SOURCE_DIR}/tests/programs/milestone.sh ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}
    ${PROJECT_BINARY_DIR}/milestones)
  foreach(run IN LISTS runs)
    separate_arguments(options UNIX_COMMAND "${run}")
    set(name ${program})
    if(run STREQUAL "default")
      set(options "")
    else()
      list(GET options -1 variant)
      string(APPEND name _${variant})
    endif()
    list(JOIN options " " options_text)
    string(STRIP "${program} ${options_text}" call)
    set_property(GLOBAL APPEND PROPERTY GPT_RUNS ${call})
    add_test(NAME milestone_${name} COMMAND ${milestone} ${name} ${program} ${options})
    set_tests_properties(milestone_${name} PROPERTIES LABELS milestone TIMEOUT 1800 SKIP_RETURN_CODE 77
      FIXTURES_SETUP ${name})
  endforeach()
  if(worse_than)
    list(TRANSFORM worse_than PREPEND ${program}_)
    list(GET worse_than 0 worse)
    list(GET worse_than 1 better)
    add_test(NAME milestone_${worse}_is_worse_than_${better} COMMAND ${milestone} compare ${better} ${worse})
    set_tests_properties(milestone_${worse}_is_worse_than_${better} PROPERTIES LABELS milestone SKIP_RETURN_CODE 77
      FIXTURES_REQUIRED "${worse};${better}")
  endif()
endfunction()

# prefix says whose parts come first: "" the reference's, my_ the reader's, trial_02_ those of the tests of chapter 2's
# exercises.
function(gpt_chapter_program target)
  add_executable(${target} ${ARGN})
  if(prefix)
    set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
    target_include_directories(${target} PRIVATE ${${prefix}folder})
    # Compiled again when a file appears there: no compiler notes down the files that it looked for and did not find.
    set_source_files_properties(${ARGN} PROPERTIES OBJECT_DEPENDS ${PROJECT_BINARY_DIR}/${prefix}files.txt)
    add_dependencies(${target} ${prefix}files)
  endif()
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/chapters)
  target_link_libraries(${target} PRIVATE gpt_nn $<$<BOOL:${prefix}>:gpt_unwritten>)
endfunction()

# my_challenge_ch02: chapter 2's program with what is in my/challenge_02 in the reference's place, main.cpp too. The
# exercises' files in my/ take no part.
function(gpt_challenge_program number main)
  get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  file(CONFIGURE OUTPUT challenge.cpp CONTENT "#include \"${folder}/${main}\"\n")
  set(target ${prefix}challenge_ch${number})
  set(${prefix}folder ${${prefix}folder}/challenge_${number})
  gpt_chapter_program(${target} ${CMAKE_CURRENT_BINARY_DIR}/challenge.cpp)
  target_link_libraries(${target} PRIVATE gpt_my_program)
endfunction()

# Lists the reader's files on every build, and touches the list only when it changes.
function(gpt_list_files prefix folder)
  set(${prefix}folder ${folder} PARENT_SCOPE)
  add_custom_target(${prefix}files
    COMMAND ${CMAKE_COMMAND} -D FOLDER=${folder} -D LIST=${PROJECT_BINARY_DIR}/${prefix}files.txt
            -P ${PROJECT_SOURCE_DIR}/chapters/list_files.cmake
    BYPRODUCTS ${PROJECT_BINARY_DIR}/${prefix}files.txt
    COMMENT "" VERBATIM)
endfunction()
