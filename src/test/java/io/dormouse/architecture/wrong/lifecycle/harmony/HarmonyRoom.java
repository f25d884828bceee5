package io.dormouse.architecture.wrong.lifecycle.harmony;

/** An adapter that is known where it must not be. */
public final class HarmonyRoom {
  private HarmonyRoom() {}
}
