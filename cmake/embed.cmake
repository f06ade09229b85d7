# embed.cmake - ajar_embed(TARGET NAMESPACE FILE...): files as string_view constants NAMESPACE::STEM_EXTENSION, declared in embedded.hpp.
# Called as a script (-P) it writes the source of one file.
if(CMAKE_SCRIPT_MODE_FILE)
  file(READ ${INPUT} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  file(WRITE ${OUTPUT} "#include <string_view>\nnamespace { constexpr unsigned char bytes[] = {${bytes}0}; }\n"
    "namespace ${NAMESPACE} { extern const std::string_view ${NAME}; const std::string_view ${NAME}(reinterpret_cast<const char*>(bytes), sizeof bytes - 1); }\n")
  return()
endif()

set(ajar_embed_script ${CMAKE_CURRENT_LIST_FILE})
function(ajar_embed target namespace)
  foreach(path ${ARGN})
    get_filename_component(name ${path} NAME)
    string(MAKE_C_IDENTIFIER ${name} name)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded_${name}.cpp)
    add_custom_command(OUTPUT ${output} DEPENDS ${path} ${ajar_embed_script}
      COMMAND ${CMAKE_COMMAND} -DINPUT=${path} -DOUTPUT=${output} -DNAMESPACE=${namespace} -DNAME=${name} -P ${ajar_embed_script})
    target_sources(${target} PRIVATE ${output})
  endforeach()
endfunction()
