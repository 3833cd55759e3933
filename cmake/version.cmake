# What `yatagarasu version` prints. Known to one file only, so that a new commit recompiles one file.
find_package(Git QUIET)
set(YATA_COMMIT unknown)
if(Git_FOUND)
  execute_process(
    COMMAND ${GIT_EXECUTABLE} describe --always --dirty --abbrev=12
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(YATA_COMMIT ${described})
  endif()
endif()
