/**
 * A lifecycle-aware connection manager: {@code io.dormouse.ConnectionRegistry} is the front door.
 * Nothing is null, except where {@code @Nullable} says so.
 */
module io.dormouse {
  requires transitive okhttp3;
  requires org.java_websocket;
  requires org.slf4j;
  requires static transitive org.jspecify;

  exports io.dormouse;
  exports io.dormouse.lifecycle;
  exports io.dormouse.task;
  exports io.dormouse.connection;
  exports io.dormouse.reconnect;
  exports io.dormouse.observe;
  exports io.dormouse.tcp;
  exports io.dormouse.udp;
  exports io.dormouse.websocket;
}
