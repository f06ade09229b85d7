# room.cmake - how a room is built: one static library per folder, strict warnings, hardening.

add_library(ajar_flags INTERFACE)
target_include_directories(ajar_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(ajar_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wswitch-enum -Wimplicit-fallthrough -Werror
  -fstack-protector-strong -fno-plt)
target_compile_definitions(ajar_flags INTERFACE _GLIBCXX_ASSERTIONS AJAR_VERSION="${PROJECT_VERSION}")
target_link_libraries(ajar_flags INTERFACE fmt::fmt Threads::Threads)
if(AJAR_SANITIZE)
  target_compile_options(ajar_flags INTERFACE -fsanitize=${AJAR_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(ajar_flags INTERFACE -fsanitize=${AJAR_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(ajar_flags INTERFACE _FORTIFY_SOURCE=2)
endif()
if(AJAR_FUZZ)
  target_compile_options(ajar_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
target_link_options(ajar_flags INTERFACE -fuse-ld=lld-19 -Wl,-z,relro,-z,now -Wl,--gc-sections)

# ajar_room(NAME may ROOM... external TARGET...): library ajar_NAME from this folder's .cpp files.
# `may` must equal the room's line in layers.toml; tools/check_layers.py compares the two.
function(ajar_room name)
  cmake_parse_arguments(ARG "" "" "may;external" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")   # main.cpp is the program, linked in the root's CMakeLists.txt
  add_library(ajar_${name} STATIC ${sources})
  list(TRANSFORM ARG_may PREPEND ajar_)
  target_link_libraries(ajar_${name} PUBLIC ajar_flags ${ARG_may} ${ARG_external})
endfunction()
