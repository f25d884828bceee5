package io.dormouse.demo;

import java.util.concurrent.Callable;

/**
 * A step to play.
 *
 * @param name what happens to the app
 * @param expected what the connections must do
 * @param obstacle why it can't be played; empty if it can
 * @param play plays it and returns what was seen; throws if that is not what was expected
 */
record Scene(String name, String expected, String obstacle, Callable<String> play) {
  /** A step that can always be played. */
  Scene(String name, String expected, Callable<String> play) {
    this(name, expected, "", play);
  }
}
