module app {
  requires io.dormouse;
}
