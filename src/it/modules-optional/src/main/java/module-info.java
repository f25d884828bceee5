module app {
  requires io.dormouse;
  requires java.desktop;
  requires jdk.jfr;
  requires micrometer.core;
  requires org.crac;
  requires org.junit.jupiter.api;
}
