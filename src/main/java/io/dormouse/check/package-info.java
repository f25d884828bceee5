/**
 * Is what the app gave us usable? Checks of arguments, whose errors say whose argument it is and
 * what would be right.
 *
 * <p>Pure functions. Nothing is null.
 */
@NullMarked
package io.dormouse.check;

import org.jspecify.annotations.NullMarked;
