/**
 * The demo: an app with a connection of each kind goes to the background and comes back, before
 * one's eyes. {@code mvn -q -Ddemo} plays it; {@link io.dormouse.demo.Demo} is the way in, {@link
 * io.dormouse.demo.Story} what happens, {@link io.dormouse.demo.App} how an app uses the library.
 */
package io.dormouse.demo;
