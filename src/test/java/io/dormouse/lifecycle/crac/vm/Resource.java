package io.dormouse.lifecycle.crac.vm;

/** As a JVM with CRaC has it. */
public interface Resource {
  void beforeCheckpoint(Context<? extends Resource> context) throws Exception;

  void afterRestore(Context<? extends Resource> context) throws Exception;
}
