/**
 * A lifecycle-aware connection manager: {@code io.dormouse.ConnectionRegistry} is the front door.
 * Nothing is null, except where {@code @Nullable} says so.
 */
@SuppressWarnings("requires-automatic") // Micrometer's jar has a module name, and no descriptor
module io.dormouse {
  requires transitive okhttp3;
  requires org.java_websocket;
  requires org.slf4j;
  requires static transitive org.jspecify;

  // Each for one room. Not transitive: no app could be compiled without them then.
  // Android has no modules, so nothing is said of it here.
  requires static java.desktop;
  requires static org.crac;
  requires static org.junit.jupiter.api; // for io.dormouse.testing.junit

  // Each for one room below observe.
  requires static jdk.jfr;
  requires static micrometer.core;

  exports io.dormouse;
  exports io.dormouse.lifecycle;
  exports io.dormouse.lifecycle.android;
  exports io.dormouse.lifecycle.crac;
  exports io.dormouse.lifecycle.desktop;
  exports io.dormouse.lifecycle.harmony;
  exports io.dormouse.lifecycle.jvm;
  exports io.dormouse.task;
  exports io.dormouse.connection;
  exports io.dormouse.http;
  exports io.dormouse.reconnect;
  exports io.dormouse.observe;
  exports io.dormouse.observe.jfr;
  exports io.dormouse.observe.micrometer;
  exports io.dormouse.observe.timeline;
  exports io.dormouse.tcp;
  exports io.dormouse.testing;
  exports io.dormouse.testing.junit;
  exports io.dormouse.udp;
  exports io.dormouse.websocket;
}
