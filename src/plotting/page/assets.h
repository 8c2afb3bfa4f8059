#pragma once

#include <string_view>

/// The files of this folder that make the page, as the build embeds them (cmake/embed.cmake).
namespace klbench {

extern const std::string_view kPageFrame;   ///< page.html
extern const std::string_view kPageStyle;   ///< the .css files, one after the other
extern const std::string_view kPageScript;  ///< the .js files likewise, in one scope

}  // namespace klbench
