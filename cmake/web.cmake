# web.cmake - ajar_web(TARGET NAMESPACE PAGE...): pages built from web/ and embedded; without AJAR_WEB each says that it was left out.
option(AJAR_WEB "build the pages of web/ (needs Node.js and npm)" ON)

function(ajar_web target namespace)
  set(folder ${CMAKE_BINARY_DIR}/web)
  list(TRANSFORM ARGN PREPEND ${folder}/ OUTPUT_VARIABLE pages)
  if(AJAR_WEB)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/src/*)
    file(GLOB settings CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/*.html ${CMAKE_SOURCE_DIR}/web/*.json ${CMAKE_SOURCE_DIR}/web/*.mjs)
    add_custom_command(OUTPUT ${pages} DEPENDS ${sources} ${settings} ${CMAKE_SOURCE_DIR}/tools/build_web.sh
      COMMAND ${CMAKE_SOURCE_DIR}/tools/build_web.sh ${folder} COMMENT "Building the pages of web/" VERBATIM)
  else()
    foreach(page ${pages})
      file(CONFIGURE OUTPUT ${page} CONTENT "left out\n")
    endforeach()
  endif()
  ajar_embed(${target} ${namespace} ${pages})
endfunction()
