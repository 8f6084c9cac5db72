package io.pix2pix.demo;

/** What a place of a facade is; its colour in the label map. */
enum Part {
    SKY(0x101060),
    PAVEMENT(0x606060),
    ROOF(0x702090),
    BRICK(0xA01818),
    PLASTER(0x1848F0),
    STONE(0x188890),
    PILASTER(0xF060A0),
    CORNICE(0x00F0F0),
    WINDOW(0xF0F010),
    SILL(0x60F0A0),
    SHUTTER(0x10A030),
    BALCONY(0xA0F030),
    DOOR(0xF08010),
    SHOP(0xF02010);

    private final int label;

    Part(int label) {
        this.label = label;
    }

    /** Red-green-blue. */
    int label() {
        return label;
    }
}
