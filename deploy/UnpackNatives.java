import ai.djl.engine.Engine;

/** Loads PyTorch once while an image is built, so that its libraries lie unpacked in DJL_CACHE_DIR. */
public final class UnpackNatives {
    public static void main(String[] args) {
        System.out.println(Engine.getEngine("PyTorch").getVersion());
    }
}
